-- What the machine and the process tell about themselves.
local uv = require 'luv'
local check = require 'check'

-- The output of a command, without the newline at its end.
local function output(command)
  local pipe = io.popen(command)
  local text = pipe:read('a')
  pipe:close()
  return (text:gsub('\n$', ''))
end

return function(directory)
  return {
    'the machine', function()
      local name = uv.os_uname()
      check.equal(name.sysname, output('uname -s'), 'system')
      check.equal(name.release, output('uname -r'), 'release')
      check.equal(name.version, output('uname -v'), 'version')
      check.equal(name.machine, output('uname -m'), 'machine')
      check.equal(uv.os_gethostname(), output('uname -n'), 'host name')
      local processors = uv.cpu_info()
      check.equal(#processors > 0, true, 'processors')
      for _, processor in ipairs(processors) do
        check.equal(type(processor.model), 'string', 'model')
        check.equal(processor.times.user >= 0 and processor.times.idle > 0, true, 'times')
      end
      check.equal(uv.available_parallelism() >= 1, true, 'parallelism')
      check.equal(uv.available_parallelism() <= #processors, true, 'parallelism')
      local one, five, fifteen = uv.loadavg()
      check.equal(one >= 0 and five >= 0 and fifteen >= 0, true, 'load')
      check.close_to(uv.uptime(), tonumber(output('cut -d. -f1 /proc/uptime')), 2, 'uptime')
    end,

    'memory', function()
      local total = tonumber(output("awk '/^MemTotal:/ { print $2 }' /proc/meminfo")) * 1024
      check.equal(uv.get_total_memory(), total, 'total')
      check.equal(uv.get_free_memory() > 0 and uv.get_free_memory() < total, true, 'free')
      check.equal(uv.get_constrained_memory() >= 0, true, 'constrained')
      local resident = tonumber(output("awk '/^VmRSS:/ { print $2 }' /proc/" .. uv.getpid() ..
        '/status')) * 1024
      check.close_to(uv.resident_set_memory(), resident, 4 * 1024 * 1024, 'resident')
      local usage = uv.getrusage()
      check.equal(usage.maxrss > 0 and usage.utime.sec >= 0, true, 'usage')
    end,

    'network interfaces', function()
      local interfaces, found = uv.interface_addresses(), false
      for _, address in ipairs(interfaces.lo) do
        if address.ip == '127.0.0.1' then
          found = true
          check.equal(address.internal, true, 'internal')
          check.equal(address.family, 'inet', 'family')
          check.equal(address.netmask, '255.0.0.0', 'netmask')
        end
      end
      check.equal(found, true, 'loopback')
      local index = tonumber(output('cat /sys/class/net/lo/ifindex'))
      -- luv takes one off the number that it is given.
      check.equal(uv.if_indextoname(index + 1), 'lo', 'name')
      check.equal(uv.if_indextoiid(index + 1), 'lo', 'identifier')
    end,

    'the process', function()
      check.equal(uv.os_getpid(), uv.getpid(), 'pid')
      check.equal(uv.os_getppid(), tonumber(output("awk '/^PPid:/ { print $2 }' /proc/" ..
        uv.getpid() .. '/status')), 'parent')
      check.equal(uv.exepath(), output('readlink -f /proc/' .. uv.getpid() .. '/exe'), 'program')
      check.equal(uv.getuid(), tonumber(output('id -u')), 'user')
      check.equal(uv.getgid(), tonumber(output('id -g')), 'group')
      check.equal(type(uv.os_getpriority(0)), 'number', 'priority')
      check.equal(uv.os_setpriority(0, uv.os_getpriority(0)), true, 'set priority')
      local before = uv.cwd()
      check.equal(uv.chdir(directory), 0, 'chdir')
      check.equal(uv.cwd(), uv.fs_realpath(directory), 'directory')
      check.equal(uv.chdir(before), 0, 'chdir')
      check.fails('ENOENT', uv.chdir(directory .. '/nothing'))
    end,

    'a title needs the arguments of main, which Lua does not pass on', function()
      check.fails('ENOBUFS', uv.set_process_title('title'))
      check.fails('ENOBUFS', uv.get_process_title())
    end,

    'the user', function()
      local user = uv.os_get_passwd()
      check.equal(user.username, output('id -un'), 'name')
      check.equal(user.uid, uv.getuid(), 'user')
      check.equal(user.gid, uv.getgid(), 'group')
      check.equal(user.homedir, output('getent passwd $(id -u) | cut -d: -f6'), 'home')
      check.equal(user.shell, output('getent passwd $(id -u) | cut -d: -f7'), 'shell')
    end,

    'the environment', function()
      check.equal(uv.os_setenv('RONDO_COLOUR', 'blue'), true, 'set')
      check.equal(uv.os_getenv('RONDO_COLOUR'), 'blue', 'get')
      check.equal(output('echo $RONDO_COLOUR'), 'blue', 'in a child')
      check.equal(uv.os_environ().RONDO_COLOUR, 'blue', 'among all')
      check.equal(uv.os_unsetenv('RONDO_COLOUR'), true, 'unset')
      check.fails('ENOENT', uv.os_getenv('RONDO_COLOUR'))
      uv.os_setenv('HOME', '/home/of/nobody')
      check.equal(uv.os_homedir(), '/home/of/nobody', 'home')
      uv.os_setenv('TMPDIR', directory)
      check.equal(uv.os_tmpdir(), directory, 'temporary directory')
      uv.os_unsetenv('TMPDIR')
      check.equal(uv.os_tmpdir(), '/tmp', 'temporary directory')
    end,

    'kinds of descriptors', function()
      check.equal(uv.guess_handle(0), 'file', 'of /dev/null')
      local ends = uv.pipe({}, {})
      check.equal(uv.guess_handle(ends.read), 'pipe', 'of a pipe')
      uv.fs_close(ends.read)
      uv.fs_close(ends.write)
      check.equal(uv.guess_handle(ends.read), nil, 'of none')
    end,

    'versions and errors', function()
      check.equal(uv.version() >= 1 << 16 | 44 << 8, true, 'version')
      local number = uv.version()
      check.equal(uv.version_string():match('^[%d.]+'),
        string.format('%d.%d.%d', number >> 16, number >> 8 & 255, number & 255), 'version')
      local message, name = uv.translate_sys_error(2)
      check.equal(message, 'ENOENT: no such file or directory', 'message of 2')
      check.equal(name, 'ENOENT', 'name of 2')
    end,
  }
end
