using ClawEvents.Broker.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Transports;

/// <summary>How long a response lasts: until the client disconnects, everything has been sent, or it is aborted.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StreamLifetime : IConnectionLifetimeFeature, IEndListener
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Under the gate. Null once the request is over: the server then uses the context for the next request.
    private HttpContext? _context;

    private ConnectionEnd? _ending;

    public StreamLifetime(HttpContext context)
    {
        _context = context;
        ConnectionClosed = context.RequestAborted;
    }

    public CancellationToken ConnectionClosed { get; set; }

    /// <summary>Why the connection ends; null: it does not, or its client went away.</summary>
    public ConnectionEnd? Ending => Volatile.Read(ref _ending);

    /// <inheritdoc/>
    public void OnEnding(int code, string reason)
    {
        if (Ending is null)
        {
            Interlocked.CompareExchange(ref _ending, new(code, reason), null);
        }
    }

    /// <summary>Completes when the response is to end.</summary>
    public async Task WaitAsync()
    {
        using var gone = ConnectionClosed.UnsafeRegister(static lifetime => ((StreamLifetime)lifetime!).End(), this);
        await _ended.Task;
    }

    public void End() => _ended.TrySetResult();

    /// <inheritdoc/>
    public void Abort()
    {
        lock (_gate)
        {
            _context?.Abort();
        }
    }

    /// <summary>Ends the use of the context: a late call must not abort another request.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _context = null;
        }
    }
}

/// <summary>Why a connection ends.</summary>
/// <param name="Code">An error of the connect, or a disconnect.</param>
internal sealed record ConnectionEnd(int Code, string Reason);
