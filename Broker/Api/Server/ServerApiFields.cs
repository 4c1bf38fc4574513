using System.Buffers;
using System.Buffers.Text;
using System.Text;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Api.Server;

/// <summary>The parameters of one call, in whatever form it came. A value that is absent reads as that of its type, as each member says.</summary>
/// <remarks>Check <see cref="IsMalformed"/> after all fields are read. Values are copies: they outlive the request.</remarks>
internal abstract class ServerApiFields
{
    /// <summary>A value had the wrong type.</summary>
    public bool IsMalformed { get; protected set; }

    /// <summary>Empty when absent.</summary>
    public abstract string Text(string name);

    public abstract bool Flag(string name);

    /// <summary>0 when absent.</summary>
    public abstract int Number(string name);

    /// <inheritdoc cref="Number"/>
    public abstract ulong WholeNumber(string name);

    /// <inheritdoc cref="Number"/>
    public abstract long SignedNumber(string name);

    /// <summary>Seconds since 1970; absent or 0: never.</summary>
    public abstract DateTimeOffset Moment(string name);

    /// <summary>A payload as it was written, or, with <c>b64</c> before its name, any bytes as base64, which takes precedence if it is not empty.</summary>
    /// <param name="isNullValue">A null is a value.</param>
    /// <param name="bytes">Null when both are absent.</param>
    /// <returns>False when the base64 is invalid, which makes the call not malformed but bad.</returns>
    public abstract bool TryBytes(string name, bool isNullValue, out byte[]? bytes);

    /// <summary>Whether the bytes of a payload, if there are any, are known to be JSON: a value of a document that has been read.</summary>
    public abstract bool IsJson(string name);

    /// <summary>Empty when absent.</summary>
    public abstract IReadOnlyList<string> Texts(string name);

    /// <summary>Null when absent.</summary>
    public abstract ServerApiFields? Object(string name);

    /// <summary>An object of texts; null when it is absent or empty.</summary>
    public abstract IReadOnlyDictionary<string, string>? Tags(string name);

    /// <summary>The overrides of the channel's options in <c>override</c>.</summary>
    public abstract OptionOverrides Overrides();

    /// <summary>A malformed inner object makes this one malformed.</summary>
    public void Adopt(ServerApiFields inner) => Require(!inner.IsMalformed);

    /// <returns>False when it is not base64.</returns>
    protected static bool TryDecode(string base64, out byte[]? bytes)
    {
        var room = new byte[Base64.GetMaxDecodedFromUtf8Length(Encoding.UTF8.GetByteCount(base64))];
        var isBase64 = Base64.DecodeFromUtf8(Encoding.UTF8.GetBytes(base64), room, out _, out var length) is OperationStatus.Done;
        bytes = isBase64 ? room[..length] : null;
        return isBase64;
    }

    // Not with |=, which reads its left side before the right side, which may set it.
    protected void Require(bool isRight)
    {
        if (!isRight)
        {
            IsMalformed = true;
        }
    }
}
