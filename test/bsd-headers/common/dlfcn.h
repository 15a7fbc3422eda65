#ifndef BSD_DLFCN_H_
#define BSD_DLFCN_H_

#define RTLD_LAZY 1
#define RTLD_NOW 2
#define RTLD_LOCAL 0
#define RTLD_DEFAULT ((void*) -2)

int dlclose(void* handle);
char* dlerror(void);
void* dlopen(const char* path, int mode);
void* dlsym(void* handle, const char* name);

#endif /* BSD_DLFCN_H_ */
