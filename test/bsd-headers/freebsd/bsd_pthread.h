int pthread_getname_np(pthread_t thread, char* name, size_t size);
int pthread_setname_np(pthread_t thread, const char* name);
