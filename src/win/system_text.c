/* Text from functions of the system: asked again with more room until it is whole. */
#include "system_text.h"

#include "../core.h"

enum { FIRST_SIZE = 260 /* units, for which most paths are not too long */ };

int uv__system_text(uv__text_source source, void* arg, WCHAR** text, size_t* len) {
  DWORD size = FIRST_SIZE;
  WCHAR* buffer = NULL;

  *text = NULL;
  for (;;) {
    uv__free(buffer);
    buffer = uv__malloc(size * sizeof(*buffer));
    if (buffer == NULL)
      return UV_ENOMEM;

    /* Text may be empty: only the last error tells. */
    SetLastError(ERROR_SUCCESS);
    DWORD answer = source(arg, buffer, size);
    if (answer == 0 && GetLastError() != ERROR_SUCCESS) {
      int err = uv_translate_sys_error((int) GetLastError());
      uv__free(buffer);
      return err;
    }
    if (answer < size) {
      buffer[answer] = L'\0';
      *text = buffer;
      *len = answer;
      return 0;
    }
    size = answer > size ? answer : 2 * size;
  }
}
