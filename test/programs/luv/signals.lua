-- Signals.
local uv = require 'luv'
local check = require 'check'

return function()
  return {
    'every handle of a number gets it', function()
      local a, b, other, seen = uv.new_signal(), uv.new_signal(), uv.new_signal(), check.channel()
      check.equal(a:start('sigusr1', function(name) seen.put(name) end), 0, 'start')
      check.equal(b:start('sigusr1', function(name) seen.put(name) end), 0, 'start')
      other:start('sigusr2', function() error('another signal') end)
      check.equal(uv.kill(uv.getpid(), 'sigusr1'), 0, 'kill')
      check.equal(seen.take(), 'sigusr1', 'signal')
      check.equal(seen.take(), 'sigusr1', 'signal')
      check.equal(a:stop(), 0, 'stop')
      uv.kill(uv.getpid(), 'sigusr1')
      check.equal(seen.take(), 'sigusr1', 'signal')
      check.close(a, b, other)
      check.equal(seen.count(), 0, 'more signals')
    end,

    'once only', function()
      local once, always, seen = uv.new_signal(), uv.new_signal(), check.channel()
      uv.signal_start_oneshot(once, 'sighup', function() seen.put('once') end)
      always:start('sighup', function() seen.put('always') end)
      local names = {}
      uv.kill(uv.getpid(), 'sighup')
      names[seen.take()], names[seen.take()] = true, true
      check.equal(names.once and names.always, true, 'both')
      uv.kill(uv.getpid(), 'sighup')
      check.equal(seen.take(), 'always', 'the second time')
      check.equal(once:is_active(), false, 'active')
      check.close(once, always)
    end,

    'another number', function()
      local handle, seen = uv.new_signal(), check.channel()
      handle:start('sigusr1', seen.put)
      handle:start('sigusr2', seen.put)
      uv.kill(uv.getpid(), 'sigusr2')
      check.equal(seen.take(), 'sigusr2', 'signal')
      check.close(handle)
    end,

    'children end while SIGCHLD is watched', function()
      local handle, seen, exited = uv.new_signal(), check.channel(), check.channel()
      handle:start('sigchld', seen.put)
      local process = uv.spawn('sh', { args = { '-c', 'exit 3' } }, exited.put)
      check.equal(exited.take(), 3, 'status')
      check.equal(seen.take(), 'sigchld', 'signal')
      check.close(process, handle)
    end,
  }
end
