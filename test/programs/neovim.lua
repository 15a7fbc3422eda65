-- Run by nvim: its own jobs, timers and channels, and vim.loop within the editor's event loop.
local uv, directory = vim.loop, os.getenv('HOME')

local function test_all()
  local check = require 'check'
  local tests = {}

  -- Runs the editor's loop until it is so.
  local function wait_for(condition, what)
    if not vim.wait(10000, condition, 5) then error(what .. ' does not come', 2) end
  end

  -- A job's status and the lines of its outputs.
  local function job(command, options, input)
    local result = { stdout = {}, stderr = {} }
    options = options or {}
    options.stdout_buffered, options.stderr_buffered = true, true
    options.on_stdout = function(_, lines) result.stdout = lines end
    options.on_stderr = function(_, lines) result.stderr = lines end
    options.on_exit = function(_, status) result.status = status end
    local id = vim.fn.jobstart(command, options)
    check.equal(id > 0, true, 'job')
    if input then
      vim.fn.chansend(id, input)
      vim.fn.chanclose(id, 'stdin')
    end
    wait_for(function() return result.status end, 'exit')
    return result
  end

  function tests.a_library() check.libraries() end

  function tests.jobs()
    local lines = {}
    for i = 1, 20000 do lines[i] = 'line ' .. i end
    local result = job({ 'sh', '-c', 'cat; echo problem >&2; exit 7' }, nil,
      table.concat(lines, '\n') .. '\n')
    check.equal(result.status, 7, 'status')
    check.equal(table.concat(result.stdout, '\n'), table.concat(lines, '\n') .. '\n', 'output')
    check.equal(result.stderr[1], 'problem', 'errors')
    result = job({ 'sh', '-c', 'echo $COLOUR; pwd' }, { env = { COLOUR = 'blue' }, cwd = '/' })
    check.equal(result.stdout[1], 'blue', 'environment')
    check.equal(result.stdout[2], '/', 'directory')
    check.equal(job('kill -TERM $$').status, 128 + 15, 'status')
  end

  function tests.jobs_that_are_stopped()
    local status
    local id = vim.fn.jobstart({ 'sleep', '1000' }, { on_exit = function(_, s) status = s end })
    check.equal(vim.fn.jobstop(id), 1, 'stopped')
    wait_for(function() return status end, 'exit')
    check.equal(status, 128 + 15, 'status')
    local found, message = pcall(vim.fn.jobstart, { directory .. '/nothing' })
    check.equal(not found and message:find('not executable', 1, true) ~= nil, true, 'not started')
  end

  function tests.many_jobs()
    local statuses, count = {}, 0
    for n = 0, 29 do
      vim.fn.jobstart({ 'sh', '-c', 'exit ' .. n }, { on_exit = function(_, status)
        statuses[n] = status
        count = count + 1
      end })
    end
    wait_for(function() return count == 30 end, 'exit')
    for n = 0, 29 do check.equal(statuses[n], n, 'status') end
  end

  function tests.a_job_on_a_terminal()
    local output, status = '', nil
    vim.fn.jobstart({ 'sh', '-c', 'test -t 0 && stty size; exit 4' }, {
      pty = true, width = 91, height = 17,
      on_stdout = function(_, lines) output = output .. table.concat(lines, '\n') end,
      on_exit = function(_, s) status = s end,
    })
    wait_for(function() return status end, 'exit')
    check.equal(status, 4, 'status')
    wait_for(function() return output:find('17 91', 1, true) end, 'size')
  end

  function tests.a_shell()
    check.equal(vim.fn.system('tr a-z A-Z', 'upper'), 'UPPER', 'output')
    check.equal(vim.v.shell_error, 0, 'status')
    vim.fn.system('exit 9')
    check.equal(vim.v.shell_error, 9, 'status')
  end

  function tests.timers()
    local order = {}
    for _, delay in ipairs { 30, 10, 20 } do
      vim.fn.timer_start(delay, function() table.insert(order, delay) end)
    end
    local rounds = 0
    vim.fn.timer_start(5, function() rounds = rounds + 1 end, { ['repeat'] = 3 })
    vim.defer_fn(function() table.insert(order, 40) end, 40)
    wait_for(function() return #order == 4 and rounds == 3 end, 'timer')
    check.equal(table.concat(order, ' '), '10 20 30 40', 'order')
  end

  function tests.another_editor()
    local status
    local command = { 'nvim', '--embed', '--headless', '-u', 'NONE', '-i', 'NONE', '-n' }
    local id = vim.fn.jobstart(command, { rpc = true, on_exit = function(_, s) status = s end })
    check.equal(vim.fn.rpcrequest(id, 'nvim_eval', '6 * 7'), 42, 'answer')
    vim.fn.rpcrequest(id, 'nvim_buf_set_lines', 0, 0, -1, true, { 'one', 'two' })
    check.equal(vim.fn.rpcrequest(id, 'nvim_buf_line_count', 0), 2, 'lines')
    local address = vim.fn.rpcrequest(id, 'nvim_eval', 'serverstart("127.0.0.1:0")')
    local channel = vim.fn.sockconnect('tcp', address, { rpc = true })
    check.equal(vim.fn.rpcrequest(channel, 'nvim_get_current_line'), 'one', 'line')
    vim.fn.chanclose(channel)
    local pipe = vim.fn.rpcrequest(id, 'nvim_eval', 'v:servername')
    channel = vim.fn.sockconnect('pipe', pipe, { rpc = true })
    check.equal(vim.fn.rpcrequest(channel, 'nvim_eval', 'getpid()'), vim.fn.jobpid(id), 'pid')
    vim.fn.chanclose(channel)
    vim.fn.rpcnotify(id, 'nvim_command', 'cquit 6')
    wait_for(function() return status end, 'exit')
    check.equal(status, 6, 'status')
  end

  function tests.files_of_the_editor()
    local path = directory .. '/written by the editor'
    vim.fn.writefile({ 'first', 'second' }, path)
    check.equal(vim.fn.readfile(path)[2], 'second', 'line')
    vim.cmd('silent edit ' .. vim.fn.fnameescape(path))
    vim.fn.setline(1, 'changed')
    vim.cmd('silent write')
    check.equal(vim.fn.readfile(path)[1], 'changed', 'line')
    check.equal(vim.fn.rename(path, path .. '2'), 0, 'rename')
    check.equal(vim.fn.getfsize(path .. '2'), 15, 'size')
    check.equal(vim.fn.delete(path .. '2'), 0, 'delete')
    vim.fn.mkdir(directory .. '/a/b/c', 'p')
    check.equal(vim.fn.isdirectory(directory .. '/a/b/c'), 1, 'directory')
    check.equal(vim.fn.delete(directory .. '/a', 'rf'), 0, 'delete')
  end

  function tests.loop_files()
    local path, content, err = directory .. '/file', nil, nil
    uv.fs_open(path, 'w+', 420, function(open_err, fd)
      err = open_err
      uv.fs_write(fd, 'written', 0, function(_, written)
        uv.fs_read(fd, written + 10, 0, function(_, data)
          uv.fs_close(fd)
          content = data
        end)
      end)
    end)
    wait_for(function() return content or err end, 'content')
    check.equal(err, nil, 'error')
    check.equal(content, 'written', 'content')
    check.equal(uv.fs_stat(path).size, 7, 'size')
    local request, names = uv.fs_scandir(directory), {}
    while true do
      local name = uv.fs_scandir_next(request)
      if not name then break end
      names[name] = true
    end
    check.equal(names.file, true, 'found')
    check.equal(uv.fs_unlink(path), true, 'unlink')
    check.fails('ENOENT', uv.fs_stat(path))
  end

  function tests.loop_sockets()
    local pipe_name = directory .. '/socket'
    for _, make in ipairs { uv.new_tcp, function() return uv.new_pipe(false) end } do
      local server, client, parts, ended = make(), make(), {}, false
      local tcp = make == uv.new_tcp
      if tcp then server:bind('127.0.0.1', 0) else server:bind(pipe_name) end
      server:listen(10, function()
        local peer = make()
        server:accept(peer)
        peer:read_start(function(_, data)
          if data then peer:write(data) else peer:shutdown(function() peer:close() end) end
        end)
      end)
      local sent = check.bytes(1000000)
      local function connected(err)
        check.equal(err, nil, 'error')
        client:write(sent)
        client:shutdown()
        client:read_start(function(_, data)
          if data then table.insert(parts, data) else ended = true end
        end)
      end
      if tcp then
        client:connect('127.0.0.1', server:getsockname().port, connected)
      else
        client:connect(pipe_name, connected)
      end
      wait_for(function() return ended end, 'end')
      check.equal(table.concat(parts) == sent, true, 'the same bytes')
      client:close()
      server:close()
    end
  end

  function tests.loop_watcher()
    local watcher, seen = uv.new_fs_event(), {}
    watcher:start(directory, {}, function(err, name) seen[err or name] = true end)
    vim.fn.writefile({ 'x' }, directory .. '/watched')
    wait_for(function() return seen.watched end, 'event')
    watcher:close()
  end

  function tests.loop_processes()
    local stdout, output, status = uv.new_pipe(false), '', nil
    local process
    process = uv.spawn('sh', { args = { '-c', 'echo from a child; exit 3' },
      stdio = { nil, stdout, nil } }, function(code)
      status = code
      process:close()
    end)
    stdout:read_start(function(_, data) output = output .. (data or '') end)
    wait_for(function() return status and #output > 0 end, 'output')
    check.equal(output, 'from a child\n', 'output')
    check.equal(status, 3, 'status')
    stdout:close()
  end

  function tests.loop_work()
    local sum
    uv.new_work(function(a, b) return a + b end, function(result) sum = result end):queue(20, 22)
    wait_for(function() return sum end, 'sum')
    check.equal(sum, 42, 'sum')
  end

  local names = vim.tbl_keys(tests)
  table.sort(names)
  for _, name in ipairs(names) do
    tests[name]()
    io.stdout:write('ok ', name, '\n')
  end
end

local fine, message = xpcall(test_all, debug.traceback)
if not fine then io.stderr:write(message, '\n') end
vim.cmd(fine and 'qall!' or 'cquit 1')
