#!/usr/bin/env python3
"""Makes the tables of this directory from a description of libuv's binary interface.

    generate.py DIRECTORY [UV_H_OF_1.44.2]

DIRECTORY has the description as JSON files: linux-x86_64.json, linux-aarch64.json,
linux-i686.json, windows-x86_64.json (sizes and offsets), constants.json and exports.json. With libuv 1.44's own header as a second argument,
not-in-1.44.txt is made as well: what that version lacks of the Linux tables, found by compiling
them.

The tables are C headers of macro calls; who includes one defines the macros that it wants."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PLATFORMS = {'linux': 'linux-x86_64', 'windows': 'windows-x86_64'}

# Layouts: what tables are called, the platform, its description.
LAYOUTS = {
    'linux': ('linux', 'linux-x86_64'),
    'linux-aarch64': ('linux', 'linux-aarch64'),
    'linux-i686': ('linux', 'linux-i686'),
    'windows': ('windows', 'windows-x86_64'),
}

# Members that are ours to lay out, and are: one pattern a line, "struct.member".
RENAMED = {
    'linux': [
        r'uv_async_t\.queue',  # mail
        r'uv_fs_event_t\.wd',  # watch
        r'uv_timer_t\.node\..*',  # struct uv__timer_links
        r'struct uv__work\.wq',  # mail
        r'uv__io_t\.bits',  # cb
        r'uv_signal_t\.tree_entry.*',  # struct uv__signal_links
        r'uv_loop_t\.(wq|wq_mutex|wq_async|cloexec_lock)',  # spare
        r'uv_loop_t\.timer_heap.*',  # timer_reserved
    ],
    'windows': [
        r'uv_async_t\.(async_req|async_sent)',  # mail, pending
        r'uv_(prepare|check|idle)_t\.(prepare|check|idle)_(prev|next)',  # queue
        r'uv_timer_t\.node\..*',  # struct uv__timer_links
        r'struct uv__work\.wq',  # mail
        r'uv_signal_t\.tree_entry.*',  # struct uv__signal_links
        r'uv_loop_t\.(wq|wq_mutex|wq_async)',  # spare
        r'uv_loop_t\.timer_heap',  # timer_reserved
        r'uv_loop_t\.((next_)?(prepare|check|idle)_handles?)',  # struct uv__queue, three times
        r'uv_pipe_t\.pipe\.conn(\..*)?',  # room
        r'uv_tty_t\.tty\.rd\.mode\.unused_',  # reserved
        r'uv_cond_t\.unused_.*',  # spare
        r'uv_rwlock_t\.padding_',  # spare
    ],
}

# Members whose place is libuv's and whose type is not.
RETYPED = {
    'linux': [
        r'uv_async_t\.pending',  # atomic, so unsigned
        r'uv_loop_t\.inotify_watchers',
        r'uv_timer_t\.node',
    ],
    'windows': [
        r'uv_timer_t\.node',
    ],
}

# The system's own types: only size and alignment are checked, their members are no fact of libuv's.
SYSTEM_TYPES = ['uv__dirent_t', 'uv_mutex_t', 'uv_sem_t', 'uv_cond_t', 'uv_rwlock_t',
                'uv_barrier_t']

# Not checked as numbers: the version, which is ours (see test_abi.c), the target of the system's
# headers, and what is an initialiser.
SKIPPED_MACROS = [r'UV_VERSION_.*', r'_WIN32_WINNT', r'UV_ONCE_INIT']

# What not all systems of a platform have alike, and for which of them the tables know it.
CONDITIONS = {
    'linux': [
        # NI_MAXHOST and what comes behind the array of that size; types of the C library.
        ('defined(__GLIBC__)',
         [r'uv_getnameinfo_t(\.(host|service|retcode))?', r'union uv_any_req(\.getnameinfo)?',
          r'NI_MAXHOST', r'uv_sem_t', r'uv_thread_t']),
        ('defined(__x86_64__) || defined(__i386__)', [r'UV_FS_O_(DIRECT|DIRECTORY|NOFOLLOW)']),
        ('defined(__LP64__)', [r'SSIZE_MAX']),
    ],
    'windows': [],
}

# Constants that depend on how the program is compiled.
GNU_SOURCE_MACROS = {'UV_FS_O_NOATIME'}


def matches(patterns, name):
    return any(re.fullmatch(p, name) for p in patterns)


def read(directory, name):
    with open(os.path.join(directory, name + '.json')) as f:
        return json.load(f)


def write(name, prose, lines):
    """One table; `prose` says what its macros mean."""
    prose = prose.replace('\n', '\n * ')
    text = '/* %s\n * Made by generate.py. */\n/* clang-format off */\n' % prose
    with open(os.path.join(HERE, name), 'w') as f:
        f.write(text + '\n'.join(lines) + '\n')
    print('%s: %d lines' % (name, len(lines)))


def add(lines, platform, name, line):
    """A line of a table, with what it depends on."""
    for condition, patterns in CONDITIONS[platform]:
        if matches(patterns, name):
            line = '#if %s\n%s\n#endif' % (condition, line)
    lines.append(line)


def is_named(type_name):
    """Whether a type can be written down outside its struct."""
    return type_name not in ('struct', 'union', 'enum')


def layout(table, platform, data):
    lines = []
    for name, fact in data['structs'].items():
        add(lines, platform, name, 'ABI_TYPE(%s, %d, %d)' % (name, fact['size'], fact['align']))
        if platform == 'linux' and name in SYSTEM_TYPES:
            continue
        for field in fact['fields']:
            path = name + '.' + field['name']
            if matches(RENAMED[platform], path):
                continue
            place = (name, field['name'], field['offset'], field['size'])
            if (name in SYSTEM_TYPES or not is_named(field['type']) or
                    matches(RETYPED[platform], path)):
                line = 'ABI_MEMBER(%s, %s, %d, %d)' % place
            else:
                line = 'ABI_TYPED_MEMBER(%s, %s, %d, %d, %s)' % (*place, field['type'])
            add(lines, platform, path, line)
    for name, fact in data['scalars'].items():
        add(lines, platform, name, 'ABI_TYPE(%s, %d, %d)' % (name, fact['size'], fact['align']))
        add(lines, platform, name, 'ABI_SAME_TYPE(%s, %s)' % (name, fact['resolved']))
    for name, fact in data['enums'].items():
        if name == '(unnamed enum)':
            continue
        lines.append('ABI_ENUM(%s, %d, %d)' % (name, fact['size'], fact['signed']))
    for name, signature in data['callbacks'].items():
        lines.append('ABI_SAME_TYPE(%s, %s)' % (name, signature))
    prose = ('The layout of libuv 1.52 on %s, less what is private and laid out differently here.\n'
             'ABI_TYPE(type, size, alignment), ABI_MEMBER(type, member, offset, size),\n'
             'ABI_TYPED_MEMBER(type, member, offset, size, its type), ABI_SAME_TYPE(type, other),\n'
             'ABI_ENUM(type, size, whether it is signed).') % data['meta']['target']
    write('layout-%s.h' % table, prose, lines)


def constants(platform, data):
    lines = []
    for error in data['errors']:
        if platform in error and error['err_name'] is not None:
            lines.append('ABI_ERROR(%s, %d, "%s", "%s")' % (
                error['name'], error[platform], error['err_name'], error['strerror']))
        elif platform in error:
            lines.append('ABI_CONSTANT(%s, %d)' % (error['name'], error[platform]))
    for members in data['enums'].values():
        for name, fact in members.items():
            if platform in fact:
                lines.append('ABI_CONSTANT(%s, %d)' % (name, fact[platform]))
    for kind in ('handle', 'req'):
        for name, fact in data['enums']['uv_%s_type' % kind].items():
            if fact.get('type_name') is not None:
                lines.append('ABI_%s_NAME(%s, "%s")' % (kind.upper(), name, fact['type_name']))
    for name, fact in data['macros'].items():
        if platform not in fact or matches(SKIPPED_MACROS, name):
            continue
        value = fact[platform]
        if name in GNU_SOURCE_MACROS and platform == 'linux':
            lines.append('#ifdef _GNU_SOURCE')
            lines.append('ABI_CONSTANT(%s, %d)' % (name, fact['linux_with_GNU_SOURCE']))
            lines.append('#elif defined(__GLIBC__)')
            lines.append('ABI_CONSTANT(%s, %d)' % (name, value))
            lines.append('#endif')
        else:
            add(lines, platform, name, 'ABI_CONSTANT(%s, %d)' % (name, value))
    prose = ('The constants of libuv 1.52 on %s, the version excepted.\n'
             'ABI_CONSTANT(name, value), ABI_ERROR(name, value, what uv_err_name() and\n'
             'uv_strerror() say), ABI_HANDLE_NAME and ABI_REQ_NAME(name, what uv_*_type_name() say).'
             ) % PLATFORMS[platform]
    write('constants-%s.h' % platform, prose, lines)


def exports(data):
    lines = []
    for function in data['functions']:
        match = re.fullmatch(r'(.*?)\s*\b(\w+)\((.*)\);', function['prototype'])
        lines.append('ABI_FUNCTION(%s, %s, (%s))' % (function['name'], match[1], match[3]))
        assert match[2] == function['name'] and function['linux'] and function['windows']
    prose = ('The functions that libuv 1.52 exports, on every platform.\n'
             'ABI_FUNCTION(name, result, (parameters)).')
    write('exports.h', prose, lines)


def compiles(lines, include):
    """Which of the table's lines a compiler accepts with another uv.h."""
    program = ['#include <stddef.h>', '#include "%s"' % include,
               '#define ABI_TYPE(type, ...) char CAT(a, __LINE__)[sizeof(type)];',
               '#define ABI_MEMBER(type, member, ...) '
               'char CAT(a, __LINE__)[sizeof(((type*) 0)->member) + offsetof(type, member)];',
               '#define ABI_TYPED_MEMBER ABI_MEMBER',
               '#define ABI_CONSTANT(name, ...) long long CAT(a, __LINE__) = name;',
               '#define ABI_ERROR ABI_CONSTANT', '#define ABI_SAME_TYPE(...)',
               '#define ABI_ENUM ABI_TYPE', '#define ABI_HANDLE_NAME(...)',
               '#define ABI_REQ_NAME(...)',
               '#define CAT(a, b) CAT_(a, b)', '#define CAT_(a, b) a##b', '#line 1 "table"']
    result = subprocess.run(['gcc', '-x', 'c', '-fsyntax-only', '-fmax-errors=0',
                             '-ftrack-macro-expansion=0', '-'],
                            input='\n'.join(program + lines), capture_output=True, text=True)
    bad = {int(n) for n in re.findall(r'^table:(\d+):.*error', result.stderr, re.M)}
    return [line for number, line in enumerate(lines, 1) if number not in bad]


def peer(include):
    """What libuv 1.44 lacks of the Linux tables, as text that finds their lines."""
    names = []
    for table in ('layout-linux.h', 'constants-linux.h'):
        with open(os.path.join(HERE, table)) as f:
            lines = [line.rstrip() for line in f if line.startswith('ABI_')]
        known = set(compiles(lines, include))
        for line in lines:
            if line not in known and re.match(r'ABI_(TYPE|ENUM|CONSTANT|ERROR)\(', line):
                names.append(re.match(r'ABI_\w+(\([^,]*,)', line)[1])
            elif line not in known:
                names.append(re.match(r'ABI_\w+(\([^,]*, [^,]*,)', line)[1])
    # A missing type makes its members missing.
    types = [name for name in names if ', ' not in name]
    names = types + [n for n in names if ', ' in n and n[:n.index(',') + 1] not in types]
    with open(os.path.join(HERE, 'not-in-1.44.txt'), 'w') as f:
        f.write('\n'.join(names) + '\n')
    print('not-in-1.44.txt: %d lines' % len(names))


def main():
    directory = sys.argv[1]
    for table, (platform, name) in LAYOUTS.items():
        layout(table, platform, read(directory, name))
    for platform in PLATFORMS:
        constants(platform, read(directory, 'constants'))
    exports(read(directory, 'exports'))
    if len(sys.argv) > 2:
        peer(sys.argv[2])


if __name__ == '__main__':
    main()
