using System.Buffers.Text;

namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>Finds where one value of Redis's protocol (RESP3, and RESP2, which has fewer kinds) ends. Pure.</summary>
/// <remarks>
/// https://redis.io/docs/latest/develop/reference/protocol-spec/
/// <code>
/// +TEXT  -ERROR  :INTEGER  ,DOUBLE  (BIG  #t  _          one line
/// $LENGTH  =LENGTH  !LENGTH  and so many bytes and CRLF   ($-1: null)
/// *COUNT  ~COUNT  >COUNT    and so many values            (*-1: null)
/// %COUNT                    and so many pairs of values
/// |COUNT                    so many pairs about the value that follows
/// </code>
/// </remarks>
internal static class RespFrame
{
    /// <summary>The maximum length of one text in Redis.</summary>
    public const int MaxTextBytes = 512 * 1024 * 1024;

    public const int MaxItems = 8 * 1024 * 1024;

    // Far more than any line of Redis.
    private const int MaxLineBytes = 64 * 1024;

    /// <param name="bytes">From the first byte of a value on.</param>
    /// <param name="length">The value's length, when it has arrived as a whole.</param>
    /// <exception cref="InvalidDataException">The bytes are not RESP.</exception>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        for (var due = 1L; due > 0; due--)
        {
            if (!TryReadLine(bytes[length..], out var line))
            {
                return false;
            }

            length += line.Length + 2;
            switch (line[0])
            {
                case (byte)'$' or (byte)'=' or (byte)'!':
                    length += ReadCount(line, MaxTextBytes) is var text && text >= 0 ? text + 2 : 0;
                    if (length > bytes.Length)
                    {
                        return false;
                    }

                    break;
                case (byte)'*' or (byte)'~' or (byte)'>':
                    due += Math.Max(0, ReadCount(line, MaxItems));
                    break;
                case (byte)'%':
                    due += 2L * ReadCount(line, MaxItems);
                    break;
                case (byte)'|':
                    due += (2L * ReadCount(line, MaxItems)) + 1;
                    break;
                case (byte)'+' or (byte)'-' or (byte)':' or (byte)',' or (byte)'(' or (byte)'#' or (byte)'_':
                    break;
                default:
                    throw new InvalidDataException("the server is not Redis");
            }
        }

        return true;
    }

    /// <summary>Whether a value was sent unasked. RESP2 has no kind of its own for these: they are arrays that begin with one of some words.</summary>
    /// <param name="frame">A whole value.</param>
    public static bool IsPush(ReadOnlySpan<byte> frame) => frame[0] == (byte)'>' || (frame[0] == (byte)'*' && IsAboutSubscriptions(frame[(frame.IndexOf((byte)'\n') + 1)..]));

    private static bool IsAboutSubscriptions(ReadOnlySpan<byte> first) =>
        first.StartsWith("$7\r\nmessage\r\n"u8) || first.StartsWith("$8\r\nsmessage\r\n"u8)
        || first.StartsWith("$9\r\nsubscribe\r\n"u8) || first.StartsWith("$11\r\nunsubscribe\r\n"u8)
        || first.StartsWith("$10\r\nssubscribe\r\n"u8) || first.StartsWith("$12\r\nsunsubscribe\r\n"u8);

    /// <summary>The line's end is not part of it; the line has one byte at least.</summary>
    /// <exception cref="InvalidDataException">The line is empty or too long.</exception>
    internal static bool TryReadLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line)
    {
        var end = bytes[..Math.Min(bytes.Length, MaxLineBytes)].IndexOf("\r\n"u8);
        if (end == 0 || (end < 0 && bytes.Length >= MaxLineBytes))
        {
            throw new InvalidDataException("the server is not Redis");
        }

        line = end < 0 ? default : bytes[..end];
        return end > 0;
    }

    /// <summary>The number behind the first byte of a line. -1 stands for null, which texts and arrays of RESP2 may be.</summary>
    /// <exception cref="InvalidDataException">Not a number, negative but not null, or above <paramref name="most"/>.</exception>
    internal static int ReadCount(ReadOnlySpan<byte> line, int most)
    {
        var least = line[0] is (byte)'$' or (byte)'*' ? -1 : 0;
        return Utf8Parser.TryParse(line[1..], out int count, out var read) && read == line.Length - 1 && count >= least && count <= most
            ? count
            : throw new InvalidDataException("a length in Redis's answer is out of range");
    }
}
