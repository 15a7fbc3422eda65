#ifndef BSD_ERRNO_H_
#define BSD_ERRNO_H_

#include <bsd_errno.h>

#define EIPSEC 82
#define ENOATTR 83
#define EILSEQ 84
#define ENOMEDIUM 85
#define EMEDIUMTYPE 86
#define EOVERFLOW 87
#define ECANCELED 88
#define EIDRM 89
#define ENOMSG 90
#define ENOTSUP 91
#define EBADMSG 92
#define ENOTRECOVERABLE 93
#define EOWNERDEAD 94
#define EPROTO 95

int* __errno(void);
#define errno (*__errno())

#endif /* BSD_ERRNO_H_ */
