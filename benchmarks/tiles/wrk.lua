-- Asks for the paths of a file, one after the other. Arguments: the file, then headers as "Name: value".
local requests, position = {}, 0

function init(args)
   local headers = {}
   for name, value in pairs(wrk.headers) do headers[name] = value end
   for index = 2, #args do
      local name, value = args[index]:match("^([^:]+): (.*)$")
      headers[name] = value
   end
   for path in io.lines(args[1]) do
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
end

function request()
   position = position % #requests + 1
   return requests[position]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "duration_us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "bad_status": %d, "broken": %d}\n',
      summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
      errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
