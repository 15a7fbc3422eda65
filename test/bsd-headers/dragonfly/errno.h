#ifndef BSD_ERRNO_H_
#define BSD_ERRNO_H_

#include <bsd_errno.h>

#define ENOTSUP EOPNOTSUPP
#define EIDRM 82
#define ENOMSG 83
#define EOVERFLOW 84
#define ECANCELED 85
#define EILSEQ 86
#define ENOATTR 87
#define EDOOFUS 88
#define EBADMSG 89
#define EMULTIHOP 90
#define ENOLINK 91
#define EPROTO 92
#define ENOMEDIUM 93
#define ENOTRECOVERABLE 94
#define EOWNERDEAD 95
#define EASYNC 99

int* __error(void);
#define errno (*__error())

#endif /* BSD_ERRNO_H_ */
