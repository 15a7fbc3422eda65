/* Where a title is seen besides in the memory of the arguments. */
#ifndef RONDO_UNIX_TITLE_SHOW_H_
#define RONDO_UNIX_TITLE_SHOW_H_

/* Shows the title of the process as far as the system lets it: title_thread.c, darwin_title.c. */
void uv__title_show(const char* title);

#endif /* RONDO_UNIX_TITLE_SHOW_H_ */
