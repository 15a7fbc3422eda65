/* uv/errno.h alone, twice. */
#include <uv/errno.h>

/* The second time it must be empty. */
#include <uv/errno.h>

int codes[] = {UV__EOF, UV__UNKNOWN, UV__ECANCELED, UV__EAI_NONAME, UV__ERR(5)};
