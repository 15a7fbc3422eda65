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
#define ENOTCAPABLE 93
#define ECAPMODE 94
#define ENOTRECOVERABLE 95
#define EOWNERDEAD 96
#define EINTEGRITY 97

int* __error(void);
#define errno (*__error())

#endif /* BSD_ERRNO_H_ */
