/* What a process looked like before it was killed, for a debugger. */
#ifndef RONDO_WIN_DUMP_H_
#define RONDO_WIN_DUMP_H_

#include "uv.h"

/* Writes the memory of a process to a file, if the system is set up to keep such dumps (Windows
 * Error Reporting, LocalDumps). Best effort: leaves a whole file or none. */
void uv__dump_write(HANDLE process);

#endif /* RONDO_WIN_DUMP_H_ */
