-- Child processes.
local uv = require 'luv'
local check = require 'check'

-- Runs a program with `input` on its standard input: exit status, signal and both outputs.
local function run(file, options, input)
  local exited, ended = check.channel(), check.channel()
  local stdin, stdout, stderr = uv.new_pipe(false), uv.new_pipe(false), uv.new_pipe(false)
  options.stdio = { stdin, stdout, stderr }
  local process, pid = uv.spawn(file, options, exited.put)
  check.equal(process ~= nil, true, 'spawned: ' .. tostring(pid))
  check.equal(process:get_pid(), pid, 'pid')
  local output = { '', '' }
  for i, pipe in ipairs { stdout, stderr } do
    pipe:read_start(function(err, data)
      check.equal(err, nil, 'error')
      if data then output[i] = output[i] .. data else ended.put() end
    end)
  end
  if input then stdin:write(input) end
  stdin:shutdown()
  ended.take()
  ended.take()
  local code, signal = exited.take()
  check.close(process, stdin, stdout, stderr)
  return code, signal, output[1], output[2]
end

return function(directory)
  return {
    'a child gets arguments and input and gives output and a status', function()
      local input = check.bytes(300000)
      local code, signal, output, errors = run('sh',
        { args = { '-c', 'echo "$1" >&2; cat; exit 7', 'sh', 'an  argument' } }, input)
      check.equal(code, 7, 'status')
      check.equal(signal, 0, 'signal')
      check.equal(output == input, true, 'the same bytes')
      check.equal(errors, 'an  argument\n', 'errors')
    end,

    'environment and directory', function()
      local code, _, output = run('/bin/sh', { args = { '-c', 'echo $COLOUR; pwd' },
        env = { 'COLOUR=blue', 'PATH=/usr/bin:/bin' }, cwd = directory })
      check.equal(code, 0, 'status')
      check.equal(output, 'blue\n' .. uv.fs_realpath(directory) .. '\n', 'output')
    end,

    'what cannot be started', function()
      local process, message, name = uv.spawn(directory .. '/nothing', {}, function() end)
      check.fails('ENOENT', process, message, name)
      uv.fs_close(uv.fs_open(directory .. '/text', 'w', 420))
      check.fails('EACCES', uv.spawn(directory .. '/text', {}, function() end))
      check.fails('ENOENT', uv.spawn('sh', { cwd = directory .. '/nothing' }, function() end))
      uv.fs_unlink(directory .. '/text')
    end,

    'signals end a child', function()
      local exited = check.channel()
      local process, pid = uv.spawn('sleep', { args = { '1000' } }, exited.put)
      check.equal(uv.kill(pid, 0), 0, 'there')
      check.equal(process:kill('sigterm'), 0, 'kill')
      local code, signal = exited.take()
      check.equal(code, 0, 'status')
      check.equal(signal, 15, 'signal')
      check.fails('ESRCH', process:kill('sigterm'))
      check.close(process)
    end,

    'fifty children at once, each with its status', function()
      local exited = check.channel()
      for n = 0, 49 do
        local process
        process = uv.spawn('sh', { args = { '-c', 'exit ' .. n } }, function(code)
          process:close()
          exited.put(code, n)
        end)
      end
      for _ = 1, 50 do
        local code, n = exited.take()
        check.equal(code, n, 'status')
      end
    end,

    'descriptors are inherited, others are not', function()
      local path, kept = directory .. '/output', directory .. '/kept'
      local fd, kept_fd = uv.fs_open(path, 'w', 420), uv.fs_open(kept, 'w', 420)
      local exited = check.channel()
      local process = uv.spawn('sh', { args = { '-c', 'echo three >&3; ls -l /proc/self/fd' },
        stdio = { nil, fd, nil, fd } }, exited.put)
      check.equal(exited.take(), 0, 'status')
      uv.fs_close(fd)
      uv.fs_close(kept_fd)
      fd = uv.fs_open(path, 'r', 0)
      local output = uv.fs_read(fd, 10000, 0)
      check.equal(output:sub(1, 6), 'three\n', 'output')
      check.equal(output:find(path, 1, true) ~= nil, true, 'inherited')
      check.equal(output:find(kept, 1, true), nil, 'inherited')
      uv.fs_close(fd)
      uv.fs_unlink(path)
      uv.fs_unlink(kept)
      check.close(process)
    end,

    'a child in a session of its own', function()
      local exited = check.channel()
      local process, pid = uv.spawn('sleep', { args = { '1000' }, detached = true }, exited.put)
      local stat = io.open('/proc/' .. pid .. '/stat'):read('a')
      check.equal(tonumber(stat:match('^%d+ %b() %S %d+ %d+ (%d+)')), pid, 'session')
      process:kill('sigkill')
      check.equal(select(2, exited.take()), 9, 'signal')
      check.close(process)
    end,

    'another user', function()
      if uv.getuid() ~= 0 then return print('not root: another user is not tried') end
      local code, _, output = run('id', { args = { '-u' }, uid = 65534, gid = 65534 })
      check.equal(code, 0, 'status')
      check.equal(output, '65534\n', 'user')
    end,

    'a child that nobody waits for', function()
      local exited = check.channel()
      local process = uv.spawn('true', {}, exited.put)
      check.equal(process:has_ref(), true, 'reference')
      process:unref()
      process:ref()
      check.equal(exited.take(), 0, 'status')
      check.close(process)
      uv.disable_stdio_inheritance()
    end,
  }
end
