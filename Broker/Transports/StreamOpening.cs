using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Transports;

/// <summary>Begins streams and runs them to their end, whatever their requests and responses look like.</summary>
internal sealed class StreamOpening(ConnectionServices services, IMessageHandler handler, EmulatedSessions sessions, ConnectionLimits limits)
{
    /// <summary>Begins a response and has its client's first message carried out.</summary>
    /// <param name="address">Has a place of <see cref="ConnectionLimits"/>, which is given back when the stream does not begin.</param>
    /// <param name="first">Not used after the task has completed.</param>
    /// <param name="writeHead">Begins the response.</param>
    /// <param name="failures">Answers to a connect that fails, for whose outcome the response waits then; null or empty: it begins immediately.</param>
    /// <returns>Null when the connect has failed and was answered.</returns>
    public async Task<OpenStream?> BeginAsync(
        HttpContext context, ClientHeaders headers, AddressKey address, Wire wire, ReadOnlyMemory<byte> first, Func<Task> writeHead, IReadOnlyDictionary<int, ConnectFailure>? failures = null)
    {
        var isBegun = false;
        var waits = failures is { Count: > 0 };
        try
        {
            if (!waits)
            {
                await writeHead();
            }

            var stream = new OpenStream(context, headers, address, wire, services, handler, isHeld: waits);
            if (wire.IsEmulated)
            {
                sessions.Add(stream.Session);
            }

            await stream.Session.HandleAsync(first);
            isBegun = !waits || await TryBeginAsync(context.Response, stream, writeHead, failures!);
            return isBegun ? stream : null;
        }
        finally
        {
            if (!isBegun)
            {
                limits.Leave(address);
            }
        }
    }

    private static async Task<bool> TryBeginAsync(HttpResponse response, OpenStream stream, Func<Task> writeHead, IReadOnlyDictionary<int, ConnectFailure> failures)
    {
        var isBegun = false;
        try
        {
            if (stream.Ending is { } end && ConnectFailure.Find(failures, end.Code) is { } failure)
            {
                await AnswerAsync(response, failure.Status, failure.Body.Length > 0 ? failure.Body : end.Reason);
            }
            else
            {
                await writeHead();
                stream.Release();
                isBegun = true;
            }
        }
        finally
        {
            if (!isBegun)
            {
                await stream.DiscardAsync();
            }
        }

        return isBegun;
    }

    private static Task AnswerAsync(HttpResponse response, int status, string body)
    {
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified))
        {
            return response.RefuseAsync(status, body);
        }

        response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Completes when the response may end.</summary>
    public async Task RunAsync(OpenStream stream)
    {
        try
        {
            await stream.RunAsync(sessions);
        }
        finally
        {
            limits.Leave(stream.Address);
        }
    }
}
