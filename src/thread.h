/* What the core needs of threads beyond uv.h. */
#ifndef RONDO_THREAD_H_
#define RONDO_THREAD_H_

/* Lets other threads run for a moment, those of lower priority too. */
void uv__thread_give_way(void);

#endif /* RONDO_THREAD_H_ */
