#!/usr/bin/env python3
"""Compares this project's uv.h with the installed one of libuv 1.44, as a compiler for macOS sees
both: sizes, alignments and offsets of what layout-linux.h names and both systems have.

    compare_for_macos.py INCLUDE_DIRECTORY COMPILER

Nothing is run: the compiler writes the numbers into assembly text. The differences must be those of
known-differences-1.44.txt. Exit status 77 (skipped) without such a header."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALLED = '/usr/include'
OF_LINUX = re.compile(r'inotify|uv_fs_event_t, watchers')

PROBE = '''#include "uv.h"
#include <stddef.h>
#define ABI_TYPE(type, ...) sizeof(type), _Alignof(type),
#define ABI_MEMBER(type, member, ...) offsetof(type, member), sizeof(((type*) 0)->member),
#define ABI_TYPED_MEMBER ABI_MEMBER
const unsigned long facts[] = {
'''


def lines_of(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read().splitlines()


def facts_to_compare():
    """The lines of the table that libuv 1.44 on macOS has, too."""
    newer = lines_of('not-in-1.44.txt')
    facts = [line for line in lines_of('layout-linux.h')
             if re.match(r'ABI_(TYPE|MEMBER|TYPED_MEMBER)\(', line)]
    return [line for line in facts
            if not OF_LINUX.search(line) and not any(part in line for part in newer)]


def numbers(compiler, include, probe):
    assembly = probe + '.s'
    subprocess.run([compiler, '-std=gnu11', '-I', include, '-S', '-o', assembly, probe], check=True)
    with open(assembly) as file:
        text = file.read()
    found = [int(number) for number in re.findall(r'^\s*\.quad\s+(\d+)', text, re.M)]
    return list(zip(found[::2], found[1::2]))


def header_alone(directory):
    """The installed header in a directory without the rest of this system's."""
    os.mkdir(os.path.join(directory, 'uv'))
    shutil.copy(os.path.join(INSTALLED, 'uv.h'), directory)
    for name in os.listdir(os.path.join(INSTALLED, 'uv')):
        shutil.copy(os.path.join(INSTALLED, 'uv', name), os.path.join(directory, 'uv'))
    return directory


def describe(fact, numbers_of_it):
    first, second = re.match(r'ABI_\w+\(([^,]+),\s*([^,)]+)', fact).groups()
    if fact.startswith('ABI_TYPE('):
        return f'{first}: {numbers_of_it[0]} bytes, aligned to {numbers_of_it[1]}'
    return f'{first}.{second}: {numbers_of_it[1]} bytes at {numbers_of_it[0]}'


def main():
    include, compiler = sys.argv[1:]
    version = os.path.join(INSTALLED, 'uv', 'version.h')
    if not os.path.exists(version) or 'UV_VERSION_MINOR 44' not in open(version).read():
        print("libuv 1.44's header is not installed: skipped")
        return 77

    facts = facts_to_compare()
    with tempfile.TemporaryDirectory() as work:
        probe = os.path.join(work, 'probe.c')
        with open(probe, 'w') as file:
            file.write(PROBE + '\n'.join(facts) + '\n};\n')
        ours = numbers(compiler, include, probe)
        installed = os.path.join(work, 'installed')
        os.mkdir(installed)
        theirs = numbers(compiler, header_alone(installed), probe)
    if not len(facts) == len(ours) == len(theirs):
        print(f'{len(facts)} facts, {len(ours)} and {len(theirs)} answers')
        return 1

    known = set(lines_of('known-differences-1.44.txt'))
    status = 0
    for fact, our, their in zip(facts, ours, theirs):
        lines = ['< ' + describe(fact, their), '> ' + describe(fact, our)]
        if our != their and not known.issuperset(lines):
            print('\n'.join(lines))
            status = 1
    print(f'{len(facts)} facts compared')
    return status


sys.exit(main())
