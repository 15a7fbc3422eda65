/* Copying where the memory may turn out not to be there.
 *
 * Reading a file that is mapped, a failing disk is no error code but an exception. One instruction
 * does all the copying, and a handler for just that instruction is in the tables by which the
 * system unwinds the stack; it notes what happened and goes on behind it. */
#include "fs_map_copy.h"

#include "error_sys.h"

#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__)

const bool uv__map_is_guarded = true;

enum { COPY_INSTRUCTION_SIZE = 2, STATUS_AT = 2 /* in the parameters of an in-page error */ };

/* Named by the assembly below only. */
__attribute__((used)) LONG uv__map_on_fault(EXCEPTION_POINTERS* fault, void* frame);

LONG uv__map_on_fault(EXCEPTION_POINTERS* fault, void* frame) {
  const EXCEPTION_RECORD* record = fault->ExceptionRecord;
  DWORD code;

  (void) frame;
  if (record->ExceptionCode == (DWORD) STATUS_IN_PAGE_ERROR)
    code = uv__status_to_win32((NTSTATUS) record->ExceptionInformation[STATUS_AT]);
  else if (record->ExceptionCode == (DWORD) STATUS_ACCESS_VIOLATION)
    code = ERROR_NOACCESS;
  else
    return EXCEPTION_CONTINUE_SEARCH;
  fault->ContextRecord->Rax = code != 0 ? code : ERROR_IO_DEVICE;
  fault->ContextRecord->Rip += COPY_INSTRUCTION_SIZE;
  return EXCEPTION_CONTINUE_EXECUTION;
}

/* The labels may be there only once. */
__attribute__((noinline, noclone)) DWORD uv__map_copy(void* to, const void* from, size_t len) {
  uint64_t code = 0;

  __asm__ volatile(
      "\t.seh_handler __C_specific_handler, @except\n"
      "\t.seh_handlerdata\n"
      "\t.long 1\n"
      "\t.rva .l_map_copy, .l_map_copied, uv__map_on_fault, .l_map_copied\n"
      "\t.seh_code\n"
      ".l_map_copy:\n"
      "\trep movsb\n"
      ".l_map_copied:\n"
      "\tnop\n"
      : "+D"(to), "+S"(from), "+c"(len), "+a"(code)
      :
      : "memory");
  return (DWORD) code;
}

#elif defined(_MSC_VER)

const bool uv__map_is_guarded = true;

DWORD uv__map_copy(void* to, const void* from, size_t len) {
  __try {
    memcpy(to, from, len);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return GetExceptionCode() == EXCEPTION_ACCESS_VIOLATION ? ERROR_NOACCESS : ERROR_IO_DEVICE;
  }
  return 0;
}

#else

const bool uv__map_is_guarded = false;

DWORD uv__map_copy(void* to, const void* from, size_t len) {
  (void) to;
  (void) from;
  (void) len;
  return ERROR_NOT_SUPPORTED;
}

#endif
