using System.IO.Compression;

namespace ClawEvents.Broker.Web;

/// <summary>The compressions that a client accepts (RFC 9110, section 12.5.3).</summary>
internal static class ContentCoding
{
    public const string Brotli = "br";

    public const string GZip = "gzip";

    /// <summary>The better one of those that the client accepts; null: none.</summary>
    public static string? Of(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        bool Accepts(string coding) => accepted.Any(item => item.Quality is not 0 && item.Value.Equals(coding, StringComparison.OrdinalIgnoreCase));
        return Accepts(Brotli) ? Brotli : Accepts(GZip) ? GZip : null;
    }

    /// <summary>Compresses with Brotli, for what is made once and kept.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var stream = new BrotliStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }
}
