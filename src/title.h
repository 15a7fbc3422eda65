/* The title of the process, as far as the core has to do with it. */
#ifndef RONDO_TITLE_H_
#define RONDO_TITLE_H_

/* Frees what uv_setup_args() made; titles are not available any more. */
void uv__title_shutdown(void);

#endif /* RONDO_TITLE_H_ */
