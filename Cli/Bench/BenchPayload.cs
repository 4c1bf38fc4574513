using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClawEvents.Cli.Bench;

/// <summary>The mark in each message of a benchmark.</summary>
/// <param name="Run">A random number of the run.</param>
/// <param name="Publisher">From 0.</param>
/// <param name="Sequence">From 0, without gaps, for each publisher.</param>
/// <param name="SentAt">See <see cref="BenchPayload.Now"/>.</param>
internal readonly record struct BenchMark(uint Run, int Publisher, long Sequence, long SentAt);

/// <summary>Writes and finds the marks: <c>{"bench":"RUN:PUBLISHER:SEQUENCE:MICROSECONDS","pad":"xxx"}</c>. A broker may wrap the payload; the text stays.</summary>
internal static class BenchPayload
{
    /// <summary>Bytes of the longest mark without padding.</summary>
    public const int LeastBytes = 96;

    private static readonly long Anchor = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long AnchoredAt = Stopwatch.GetTimestamp();

    /// <summary>Microseconds since 1970, as even as a stopwatch: comparable between processes as far as their clocks are.</summary>
    public static long Now() => Anchor + (Stopwatch.GetElapsedTime(AnchoredAt).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <param name="size">Bytes of the JSON text; at least <see cref="LeastBytes"/>.</param>
    public static byte[] Write(BenchMark mark, int size)
    {
        var begin = string.Create(CultureInfo.InvariantCulture, $"{{\"bench\":\"{mark.Run:x8}:{mark.Publisher}:{mark.Sequence}:{mark.SentAt}\",\"pad\":\"");
        return Encoding.UTF8.GetBytes($"{begin.PadRight(size - 2, 'x')}\"}}");
    }

    /// <summary>Hot path, once per message: no allocation.</summary>
    /// <returns>False for a message of something else.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, out BenchMark mark)
    {
        mark = default;
        var key = "\"bench\""u8;
        var at = data.IndexOf(key);
        if (at < 0)
        {
            return false;
        }
        // A broker may write a space behind the colon.
        var rest = data[(at + key.Length)..].TrimStart(": "u8).TrimStart((byte)'"');
        if (!Utf8Parser.TryParse(rest, out uint run, out var used, 'x') || !TryReadNext(ref rest, used, out var publisher)
            || !TryReadNext(ref rest, 0, out var sequence) || !TryReadNext(ref rest, 0, out var sentAt))
        {
            return false;
        }
        mark = new(run, (int)publisher, sequence, sentAt);
        return publisher <= int.MaxValue;
    }

    private static bool TryReadNext(ref ReadOnlySpan<byte> rest, int skip, out long number)
    {
        number = 0;
        rest = rest[skip..];
        if (rest.IsEmpty || rest[0] != (byte)':' || !Utf8Parser.TryParse(rest[1..], out number, out var used) || number < 0)
        {
            return false;
        }
        rest = rest[(used + 1)..];
        return true;
    }
}
