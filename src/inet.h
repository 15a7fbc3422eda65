/* The part of addresses that is the platform's. */
#ifndef RONDO_INET_H_
#define RONDO_INET_H_

/* The scope id that an address's zone, the text behind its '%', stands for; 0 for an unknown one.
 */
unsigned int uv__zone_to_scope_id(const char* zone);

#endif /* RONDO_INET_H_ */
