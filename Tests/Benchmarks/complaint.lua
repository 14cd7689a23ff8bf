-- What wrk posts: a complaint about a random place each time; its summary as one line of JSON.
local head = '{"category":"odour","address":"沿河步道东侧","text":"第'
local middle = '号投诉：河边水泥管口一直在流灰白色的水，有洗衣粉味，从早上七点到现在没停过。","place":{"longitude":'
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads * 100000000)
end

function init(args)
    west, south, east, north = tonumber(args[1]), tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    math.randomseed(number)
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = args[5]
end

function request()
    number = number + 1
    local longitude = west + (east - west) * math.random()
    local latitude = south + (north - south) * math.random()
    local place = string.format('%.5f,"latitude":%.5f}}', longitude, latitude)
    return wrk.format(nil, nil, nil, head .. number .. middle .. place)
end

function done(summary, latency, requests)
    local failed = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"seconds":%.4f,"p50":%.3f,"p99":%.3f,"failed":%d}\n', summary.requests, summary.duration / 1e6,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        failed.status + failed.connect + failed.read + failed.write + failed.timeout))
end
