using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;

namespace ClawEvents.Broker.Http;

/// <summary>The whole body of a request, in pooled memory until it is disposed of.</summary>
/// <remarks>The size limit is that of the endpoint (<see cref="Description.ApiDescription.MaxBodyBytes"/>).</remarks>
internal readonly struct RequestBody : IDisposable
{
    /// <summary>Time limit for a whole body, from when it is asked for.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    private readonly byte[] _pooled;

    private RequestBody(byte[] pooled, int length)
    {
        _pooled = pooled;
        Bytes = pooled.AsMemory(0, length);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether the bytes are UTF-8; otherwise they are not JSON.</summary>
    public bool IsText => Utf8.IsValid(Bytes.Span);

    /// <exception cref="BadHttpRequestException">The body is larger than its endpoint allows (413), or did not arrive in time (408).</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request)
    {
        var reader = request.BodyReader;
        if (!reader.TryRead(out var read))
        {
            read = await reader.ReadAsync(request.HttpContext.RequestAborted);
        }

        return read.IsCompleted ? CopyFrom(reader, read.Buffer) : await ReadRestAsync(request, read);
    }

    // Most bodies come with their request, and need no deadline.
    private static async ValueTask<RequestBody> ReadRestAsync(HttpRequest request, ReadResult read)
    {
        var reader = request.BodyReader;
        using var deadline = new CancellationTokenSource(MaxTime, request.HttpContext.RequestServices.GetRequiredService<TimeProvider>());
        await using var expiry = deadline.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        while (!read.IsCompleted)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (deadline.IsCancellationRequested)
            {
                throw new BadHttpRequestException($"the request's body did not arrive within {MaxTime.TotalSeconds:0} seconds", StatusCodes.Status408RequestTimeout);
            }

            read = await reader.ReadAsync(request.HttpContext.RequestAborted);
        }

        return CopyFrom(reader, read.Buffer);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_pooled);

    private static RequestBody CopyFrom(PipeReader reader, in ReadOnlySequence<byte> buffer)
    {
        var length = (int)buffer.Length;
        var pooled = ArrayPool<byte>.Shared.Rent(length);
        buffer.CopyTo(pooled);
        reader.AdvanceTo(buffer.End);
        return new RequestBody(pooled, length);
    }
}
