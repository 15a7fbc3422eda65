-- Timers, idle, prepare and check handles, polling, and what a loop knows about itself.
local uv = require 'luv'
local check = require 'check'

return function()
  return {
    'timers fire in order, not early and with their repeat', function()
      local fired, started = {}, uv.now()
      local function timer(name, timeout, rounds)
        local t = uv.new_timer()
        t:start(timeout, rounds and 5 or 0, function()
          table.insert(fired, name)
          rounds = (rounds or 1) - 1
          if rounds == 0 then t:close() end
        end)
        return t
      end
      timer('c', 400) -- behind the last repeat, however late that one is
      timer('a', 10)
      local r = timer('r', 12, 3)
      timer('b', 10)
      check.equal(r:get_repeat(), 5, 'repeat')
      check.close_to(r:get_due_in(), 12, 2, 'due in')
      check.equal(uv.backend_timeout() <= 10, true, 'timeout within the first deadline')
      uv.run()
      check.equal(table.concat(fired), 'abrrrc', 'order')
      check.equal(uv.now() - started >= 400, true, 'after 400 ms')
    end,

    'a timer starts again with its repeat and stops', function()
      local t, fired = uv.new_timer(), 0
      check.fails('EINVAL', t:again())
      check.equal(t:start(60000, 0, function() fired = fired + 1 end), 0, 'start')
      check.equal(t:is_active(), true, 'active')
      t:set_repeat(1)
      check.equal(t:again(), 0, 'again')
      uv.run('once')
      check.equal(fired, 1, 'fired')
      check.equal(t:stop(), 0, 'stop')
      check.equal(t:is_active(), false, 'active')
      check.equal(uv.loop_alive(), false, 'alive')
      t:close()
      check.equal(uv.loop_alive(), true, 'alive while it closes')
      check.equal(t:is_closing(), true, 'closing')
    end,

    'idle, prepare and check run in their phases', function()
      local order, rounds = {}, 0
      local idle, prepare, checker = uv.new_idle(), uv.new_prepare(), uv.new_check()
      idle:start(function() table.insert(order, 'i') end)
      prepare:start(function() table.insert(order, 'p') end)
      checker:start(function()
        table.insert(order, 'c')
        rounds = rounds + 1
        if rounds == 3 then
          idle:stop()
          prepare:stop()
          checker:stop()
        end
      end)
      check.equal(uv.backend_timeout(), 0, 'timeout while idle handles are active')
      uv.run()
      check.equal(table.concat(order), 'ipcipcipc', 'order')
      check.close(idle, prepare, checker)
    end,

    'references decide how long the loop lives', function()
      local t = uv.new_timer()
      t:start(60000, 0, function() error('fired') end)
      check.equal(t:has_ref(), true, 'reference')
      check.equal(uv.loop_alive(), true, 'alive')
      t:unref()
      check.equal(t:has_ref(), false, 'reference')
      check.equal(uv.loop_alive(), false, 'alive')
      uv.run()
      t:ref()
      check.equal(uv.run('nowait'), true, 'alive after a turn')
      t:close()
    end,

    'the loop stops, tells its mode and walks its handles', function()
      local t, mode = uv.new_timer(), nil
      t:start(0, 1, function()
        mode = uv.loop_mode()
        uv.stop()
      end)
      check.equal(uv.run('default'), true, 'alive')
      check.equal(mode, 'default', 'mode')
      local seen = {}
      uv.walk(function(handle) seen[handle:get_type()] = (seen[handle:get_type()] or 0) + 1 end)
      check.equal(seen.timer, 2, 'timers')
      t:close()
    end,

    'time goes on', function()
      local now, high = uv.now(), uv.hrtime()
      uv.sleep(15)
      check.equal(uv.now(), now, 'cached time')
      uv.update_time()
      check.equal(uv.now() - now >= 14, true, 'time passed')
      check.equal(uv.hrtime() - high >= 15e6, true, 'nanoseconds passed')
      local seconds, microseconds = uv.gettimeofday()
      check.close_to(seconds, os.time(), 1, 'time of day')
      check.equal(microseconds >= 0 and microseconds < 1000000, true, 'microseconds')
    end,

    'idle time is counted where asked', function()
      check.equal(uv.metrics_idle_time(), 0, 'idle time')
      check.equal(uv.loop_configure('metrics_idle_time'), 0, 'configure')
      local t, started = uv.new_timer(), uv.hrtime()
      t:start(20, 0, function() t:close() end)
      uv.run()
      local idle = uv.metrics_idle_time()
      local passed = uv.hrtime() - started
      check.equal(idle >= 10e6 and idle <= passed, true, idle .. ' ns are near 20 ms')
    end,

    'a descriptor is polled', function()
      local ends = uv.socketpair('stream', 0, { nonblock = true }, { nonblock = true })
      local poll, events = uv.new_poll(ends[1]), {}
      poll:start('w', function(err, event)
        check.equal(err, nil, 'error')
        table.insert(events, event)
        poll:start('r', function(_, readable)
          table.insert(events, readable)
          poll:stop()
        end)
        check.equal(uv.fs_write(ends[2], 'x'), 1, 'written')
      end)
      uv.run()
      check.equal(table.concat(events), 'wr', 'events')
      check.close(poll)
      check.equal(uv.fs_read(ends[1], 10), 'x', 'data')
      uv.fs_close(ends[1])
      uv.fs_close(ends[2])
    end,
  }
end
