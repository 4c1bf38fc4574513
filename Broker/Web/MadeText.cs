using System.Security.Cryptography;
using System.Text;

namespace ClawEvents.Broker.Web;

/// <summary>A text that was made once and is kept.</summary>
/// <param name="Packed">By <see cref="ContentCoding.Pack"/>.</param>
/// <param name="Tag">Of its content, for an ETag.</param>
internal sealed record MadeText(byte[] Packed, string Tag)
{
    public static MadeText Of(string text)
    {
        var packed = ContentCoding.Pack(Encoding.UTF8.GetBytes(text));
        return new(packed, PageFiles.TagOf(SHA256.HashData(packed)));
    }
}
