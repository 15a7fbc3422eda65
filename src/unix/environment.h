/* The environment of the process as the C library keeps it. */
#ifndef RONDO_UNIX_ENVIRONMENT_H_
#define RONDO_UNIX_ENVIRONMENT_H_

/* Its "NAME=value" texts up to a NULL; may be NULL itself. environment.c, and darwin_environment.c
 * where shared libraries are not allowed the variable `environ`. */
char** uv__environment(void);

#endif /* RONDO_UNIX_ENVIRONMENT_H_ */
