#!/usr/bin/env python3
"""Checks what a shared library for macOS shows to programs.

    check_dylib_exports.py LIBRARY

Its name is @rpath/libuv.1.dylib, it needs the system's library alone, and its symbols are exactly the
functions of exports.h and own_exports.txt."""
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# See mach-o/loader.h and mach-o/nlist.h.
MAGIC = 0xfeedfacf
LC_SYMTAB, LC_LOAD_DYLIB, LC_ID_DYLIB, LC_SEGMENT_64 = 0x2, 0xc, 0xd, 0x19
N_EXT, N_PEXT, N_TYPE, N_SECT = 0x01, 0x10, 0x0e, 0x0e

LINKERS_OWN = {'__mh_dylib_header', '___dso_handle'}


def text_at(data, offset):
    return data[offset:data.index(b'\0', offset)].decode()


def load_commands(data):
    """Yields the number, the offset and the size of each."""
    magic, _, _, _, count = struct.unpack_from('<5I', data)
    if magic != MAGIC:
        sys.exit('not a 64-bit Mach-O file')
    offset = 32
    for _ in range(count):
        command, size = struct.unpack_from('<2I', data, offset)
        yield command, offset, size
        offset += size


def section_names(data, offset):
    count = struct.unpack_from('<I', data, offset + 64)[0]
    for i in range(count):
        start = offset + 72 + i * 80
        yield data[start:start + 16].rstrip(b'\0').decode()


def exported_symbols(data, offset, sections):
    """The names of symbols that other files see, with their sections'."""
    symbols, count, texts, _ = struct.unpack_from('<4I', data, offset + 8)
    for i in range(count):
        name, kind, section, _, _ = struct.unpack_from('<IBBHQ', data, symbols + i * 16)
        if kind & N_EXT and not kind & N_PEXT and kind & N_TYPE == N_SECT:
            yield text_at(data, texts + name), sections[section - 1]


def wanted_functions():
    with open(os.path.join(HERE, 'exports.h')) as file:
        names = set(re.findall(r'^ABI_FUNCTION\((\w+),', file.read(), re.M))
    with open(os.path.join(HERE, 'own_exports.txt')) as file:
        return names | set(file.read().split())


def main():
    with open(sys.argv[1], 'rb') as file:
        data = file.read()
    name, needed, sections, symtab = '', [], [], None
    for command, offset, _ in load_commands(data):
        if command in (LC_ID_DYLIB, LC_LOAD_DYLIB):
            text = text_at(data, offset + struct.unpack_from('<I', data, offset + 8)[0])
            if command == LC_ID_DYLIB:
                name = text
            else:
                needed.append(text)
        elif command == LC_SEGMENT_64:
            sections += section_names(data, offset)
        elif command == LC_SYMTAB:
            symtab = offset

    symbols = dict(exported_symbols(data, symtab, sections))
    for symbol in LINKERS_OWN:
        symbols.pop(symbol, None)
    ours = {symbol[1:] for symbol in symbols}  # each begins with an underscore
    wanted = wanted_functions()
    faults = [f'missing: {symbol}' for symbol in sorted(wanted - ours)]
    faults += [f'exported, but no function of the interface: {s}' for s in sorted(ours - wanted)]
    faults += [f'no function: {s}' for s, where in sorted(symbols.items()) if where != '__text']
    if name != '@rpath/libuv.1.dylib':
        faults.append(f'the name is {name}')
    if needed != ['/usr/lib/libSystem.B.dylib']:
        faults.append(f'needs {needed}')

    for fault in faults:
        print(fault)
    print(f'{len(ours)} functions exported, {len(wanted)} wanted; named {name}')
    return 1 if faults else 0


sys.exit(main())
