/* What the system's headers leave out or hide: declarations of ntdll's functions, and numbers. */
#ifndef RONDO_WIN_NT_H_
#define RONDO_WIN_NT_H_

/* uv.h includes the system's headers in the order that they need. */
#include "uv.h"

#include <winternl.h>

/* Behind <windows.h>, which has some of the numbers as another type. */
#include <ntstatus.h>

#define UV__NT_SUCCESS(status) ((NTSTATUS) (status) >= 0)

/* Of <winerror.h>, where some versions lack it. */
#if !defined(ERROR_ELEVATION_REQUIRED)
#define ERROR_ELEVATION_REQUIRED 740
#endif

enum {
  UV__NT_FACILITY_MASK = 0x0FFF0000,
  UV__NT_FACILITY_WIN32 = 0x00070000 /* an NTSTATUS that carries a Win32 code in its low 16 bits */
};

/* -- Functions of ntdll ------------------------------------------------------------------------ */

/* Entries of a directory: `name` may be a pattern. */
NTSYSAPI NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE directory, HANDLE event, PIO_APC_ROUTINE apc,
                                             PVOID apc_arg, PIO_STATUS_BLOCK io, PVOID info,
                                             ULONG size, FILE_INFORMATION_CLASS kind,
                                             BOOLEAN is_single, PUNICODE_STRING name,
                                             BOOLEAN is_restart);

/* The system's version, which it tells truly here alone. */
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW info);

#endif /* RONDO_WIN_NT_H_ */
