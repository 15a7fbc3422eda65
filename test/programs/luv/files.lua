-- The file system: every call as it returns and once more through the thread pool.
local uv = require 'luv'
local check = require 'check'

-- The calls under their names, returning what a callback gets: an error or nil, the results.
local function synchronous(call, ...)
  local results = { n = 3, call(...) }
  if results[1] == nil then return results[3] or results[2] end
  return nil, results[1], results[2]
end

local function asynchronous(call, ...)
  local results = { check.await(call, ...) }
  if results[1] then results[1] = results[1]:match('^%w+') end
  return results[1], results[2], results[3]
end

local function everything(directory, apply)
  -- Calls that must succeed and calls that must not.
  local function fs(name, ...)
    local err, a, b = apply(uv['fs_' .. name], ...)
    check.equal(err, nil, name)
    return a, b
  end
  local function fails(expected, name, ...)
    check.equal(apply(uv['fs_' .. name], ...), expected, name)
  end

  local top = fs('mkdtemp', directory .. '/XXXXXX')
  local path, copy, link = top .. '/file', top .. '/copy', top .. '/link'
  local text = check.bytes(100000)

  local fd = fs('open', path, 'w+', 420)
  check.equal(fs('write', fd, text, 0), #text, 'bytes written')
  check.equal(fs('write', fd, { 'some', ' parts' }, #text), 10, 'bytes written')
  check.equal(fs('read', fd, 200000, 0), text .. 'some parts', 'data')
  check.equal(fs('read', fd, 10, 200000), '', 'data at the end')
  fs('fsync', fd)
  fs('fdatasync', fd)
  fs('ftruncate', fd, #text)
  check.equal(fs('fstat', fd).size, #text, 'size')
  fs('fchmod', fd, 384)
  fs('futime', fd, 1000000000, 1100000000.5)
  local stat = fs('stat', path)
  check.equal(stat.type, 'file', 'type')
  check.equal(stat.mode & 511, 384, 'mode')
  check.equal(stat.mtime.sec, 1100000000, 'seconds')
  check.close_to(stat.mtime.nsec, 500000000, 1000, 'nanoseconds')
  check.equal(stat.nlink, 1, 'links')
  check.equal(stat.uid, uv.getuid(), 'user')
  fs('fchown', fd, uv.getuid(), uv.getgid())
  fs('chown', path, uv.getuid(), uv.getgid())
  fs('chmod', path, 420)
  fs('utime', path, 5.25, 6.5)
  check.equal(fs('stat', path).atime.sec, 5, 'seconds')

  fs('symlink', path, link)
  fs('lchown', link, uv.getuid(), uv.getgid())
  fs('lutime', link, 7, 8)
  check.equal(fs('lstat', link).type, 'link', 'type')
  check.equal(fs('lstat', link).mtime.sec, 8, 'seconds')
  check.equal(fs('stat', link).mtime.sec, 6, 'seconds of the file')
  check.equal(fs('readlink', link), path, 'target')
  check.equal(fs('realpath', link), uv.fs_realpath(path), 'path')

  fs('copyfile', path, copy, { excl = true })
  fails('EEXIST', 'copyfile', path, copy, { excl = true })
  check.equal(fs('stat', copy).size, #text, 'size')
  local out = fs('open', copy, 'w', 420)
  check.equal(fs('sendfile', out, fd, 10, 1000), 1000, 'bytes sent')
  fs('close', out)
  check.equal(fs('stat', copy).size, 1000, 'size')
  fs('rename', copy, top .. '/renamed')
  fs('link', path, copy)
  check.equal(fs('stat', path).nlink, 2, 'links')

  check.equal(fs('access', path, 'R'), true, 'access')
  check.equal(fs('access', path, 'X'), false, 'access')
  check.equal(fs('access', top .. '/none', 'R'), false, 'access')
  fails('ENOENT', 'open', top .. '/none', 'r', 0)
  fails('EEXIST', 'mkdir', top, 448)
  fails('ENOTDIR', 'stat', path .. '/x')
  fails('EINVAL', 'readlink', path)
  fails('ENOTEMPTY', 'rmdir', top)
  fails('EBADF', 'close', 1000000)

  local made, made_path = fs('mkstemp', top .. '/madeXXXXXX')
  check.equal(fs('stat', made_path).mode & 511, 384, 'mode')
  fs('close', made)
  fs('rename', made_path, top .. '/made')
  fs('mkdir', top .. '/sub', 448)

  local names = {}
  local request = fs('scandir', top)
  while true do
    local name, kind = uv.fs_scandir_next(request)
    if not name then break end
    table.insert(names, name .. '=' .. kind)
  end
  check.equal(table.concat(names, ' '),
    'copy=file file=file link=link made=file renamed=file sub=directory', 'entries')

  local dir
  if apply == synchronous then
    dir = assert(uv.fs_opendir(top, nil, 4))
  else
    local opened = check.channel()
    uv.fs_opendir(top, opened.put, 4)
    local err
    err, dir = opened.take()
    check.equal(err, nil, 'opendir')
  end
  names = {}
  while true do
    local entries = fs('readdir', dir)
    if not entries then break end
    check.equal(#entries <= 4, true, 'four at most')
    for _, entry in ipairs(entries) do table.insert(names, entry.name .. '=' .. entry.type) end
  end
  fs('closedir', dir)
  table.sort(names)
  check.equal(table.concat(names, ' '),
    'copy=file file=file link=link made=file renamed=file sub=directory', 'entries')

  local system = fs('statfs', top)
  check.equal(system.blocks >= system.bfree and system.bsize > 0, true, 'blocks')

  fs('close', fd)
  fs('rmdir', top .. '/sub')
  for _, name in ipairs { 'copy', 'file', 'link', 'made', 'renamed' } do
    fs('unlink', top .. '/' .. name)
  end
  fs('rmdir', top)
end

return function(directory)
  return {
    'everything at once', function() everything(directory, synchronous) end,
    'everything through the pool', function() everything(directory, asynchronous) end,

    'two hundred files at the same time', function()
      local done, count = check.channel(), 200
      for n = 1, count do
        coroutine.wrap(function()
          local path = directory .. '/many' .. n
          local err, fd = check.await(uv.fs_open, path, 'w+', 420)
          check.equal(err, nil, 'open')
          check.await(uv.fs_write, fd, 'content ' .. n, 0)
          local _, content = check.await(uv.fs_read, fd, 100, 0)
          check.await(uv.fs_close, fd)
          check.await(uv.fs_unlink, path)
          done.put(content == 'content ' .. n)
        end)()
      end
      for _ = 1, count do check.equal(done.take(), true, 'content') end
    end,

    'beyond four gigabytes', function()
      local path = directory .. '/huge'
      local fd = uv.fs_open(path, 'w+', 420)
      local offset = 5 * 1024 * 1024 * 1024 + 3
      check.equal(uv.fs_write(fd, 'far out', offset), 7, 'bytes')
      check.equal(uv.fs_fstat(fd).size, offset + 7, 'size')
      check.equal(uv.fs_read(fd, 100, offset), 'far out', 'data')
      uv.fs_close(fd)
      uv.fs_unlink(path)
    end,
  }
end
