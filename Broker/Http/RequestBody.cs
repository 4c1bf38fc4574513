using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;

namespace ClawEvents.Broker.Http;

/// <summary>The whole body of a request, in pooled memory until it is disposed of.</summary>
/// <remarks>The size limit is the server's (<c>MaxRequestBytes</c>): past it the read throws <see cref="BadHttpRequestException"/>, which becomes a 413.</remarks>
internal readonly struct RequestBody : IDisposable
{
    private readonly byte[] _pooled;

    private RequestBody(byte[] pooled, int length)
    {
        _pooled = pooled;
        Bytes = pooled.AsMemory(0, length);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether the bytes are UTF-8; otherwise they are not JSON.</summary>
    public bool IsText => Utf8.IsValid(Bytes.Span);

    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.IsCompleted)
            {
                return CopyFrom(request.BodyReader, read.Buffer);
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
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
