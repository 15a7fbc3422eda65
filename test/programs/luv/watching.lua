-- Watching files and directories, by events and by looking.
local uv = require 'luv'
local check = require 'check'

local function write(path, text)
  local fd = assert(uv.fs_open(path, 'a', 420))
  uv.fs_write(fd, text)
  uv.fs_close(fd)
end

return function(directory)
  -- A watcher of `path`; take() is the name and the kind of what happened.
  local function watcher(path)
    local watch, events = uv.new_fs_event(), check.channel()
    check.equal(watch:start(path, {}, function(err, name, event)
      check.equal(err, nil, 'error')
      events.put(name, event.rename and 'rename' or event.change and 'change')
    end), 0, 'start')
    return watch, events.take
  end
  local function expect(take, name, kind)
    local got_name, got_kind = take()
    check.equal(got_name, name, 'name')
    check.equal(got_kind, kind, 'kind')
  end

  return {
    'a directory', function()
      local watch, take = watcher(directory)
      check.equal(watch:getpath(), directory, 'path')
      write(directory .. '/new', 'x')
      expect(take, 'new', 'rename')
      expect(take, 'new', 'change')
      uv.fs_rename(directory .. '/new', directory .. '/newer')
      expect(take, 'new', 'rename')
      expect(take, 'newer', 'rename')
      uv.fs_unlink(directory .. '/newer')
      expect(take, 'newer', 'rename')
      check.equal(watch:stop(), 0, 'stop')
      check.fails('EINVAL', watch:getpath())
      check.close(watch)
    end,

    'a file that two watch', function()
      local path = directory .. '/watched'
      write(path, '1')
      local a, take_a = watcher(path)
      local b, take_b = watcher(path)
      write(path, '2')
      expect(take_a, 'watched', 'change')
      expect(take_b, 'watched', 'change')
      check.close(a)
      write(path, '3')
      expect(take_b, 'watched', 'change')
      check.close(b)
      uv.fs_unlink(path)
    end,

    'what is not there', function()
      local watch = uv.new_fs_event()
      check.fails('ENOENT', watch:start(directory .. '/nothing', {}, function() end))
      check.close(watch)
    end,

    'polling a file', function()
      local path, poll, changes = directory .. '/polled', uv.new_fs_poll(), check.channel()
      write(path, '1')
      check.equal(poll:start(path, 20, changes.put), 0, 'start')
      check.equal(poll:getpath(), path, 'path')
      local grow = uv.new_timer()
      grow:start(50, 50, function() write(path, '23') end)
      local err, before, after = changes.take()
      grow:close()
      check.equal(err, nil, 'error')
      check.equal(before.size < after.size, true, 'sizes')
      uv.fs_unlink(path)
      repeat err = changes.take() until err
      check.error_name(err, 'ENOENT')
      check.equal(poll:stop(), 0, 'stop')
      check.close(poll)
    end,
  }
end
