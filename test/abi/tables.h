/* Which of the tables describe the system that is compiled for. Its headers fill ABI_LAYOUT and
 * ABI_CONSTANTS with macro calls; the macros that nobody defined are empty. */
#if defined(__linux__) && defined(__aarch64__) && defined(__LP64__)
#define ABI_LAYOUT "abi/layout-linux-aarch64.h"
#define ABI_CONSTANTS "abi/constants-linux.h"
#elif defined(__linux__) && \
    defined(__LP64__) /* x86-64; others with longs of 64 bits are the same */
#define ABI_LAYOUT "abi/layout-linux.h"
#define ABI_CONSTANTS "abi/constants-linux.h"
#elif defined(__linux__) && defined(__i386__)
#define ABI_LAYOUT "abi/layout-linux-i686.h"
#define ABI_CONSTANTS "abi/constants-linux.h"
#elif defined(_WIN64) && (defined(__x86_64__) || defined(_M_X64))
#define ABI_LAYOUT "abi/layout-windows.h"
#define ABI_CONSTANTS "abi/constants-windows.h"
#else
#error "There is no table for this system."
#endif

#ifndef ABI_TYPE
#define ABI_TYPE(...)
#endif

#ifndef ABI_MEMBER
#define ABI_MEMBER(...)
#endif

#ifndef ABI_TYPED_MEMBER
#define ABI_TYPED_MEMBER(...)
#endif

#ifndef ABI_SAME_TYPE
#define ABI_SAME_TYPE(...)
#endif

#ifndef ABI_ENUM
#define ABI_ENUM(...)
#endif

#ifndef ABI_CONSTANT
#define ABI_CONSTANT(...)
#endif

#ifndef ABI_ERROR
#define ABI_ERROR(...)
#endif

#ifndef ABI_HANDLE_NAME
#define ABI_HANDLE_NAME(...)
#endif

#ifndef ABI_REQ_NAME
#define ABI_REQ_NAME(...)
#endif
