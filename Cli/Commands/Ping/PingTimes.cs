using System.Diagnostics;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Ping;

/// <summary>The times of one way to the server.</summary>
/// <param name="Way"><c>http</c> or <c>websocket</c>.</param>
/// <param name="Connect">Until the first answer, with everything that it needs: name, TCP, TLS, handshake.</param>
/// <param name="RoundTrips">Of the connection that is then there, at least one.</param>
internal sealed record PingTimes(string Way, TimeSpan Connect, IReadOnlyList<TimeSpan> RoundTrips)
{
    /// <summary>Measures one way.</summary>
    /// <param name="connect">Opens the connection and waits for an answer.</param>
    /// <param name="ask">Asks over that connection and waits for the answer.</param>
    /// <returns>The times, or the first error.</returns>
    public static async Task<(PingTimes? Times, Failure? Failure)> MeasureAsync(string way, int count, Func<Task<Failure?>> connect, Func<Task<Failure?>> ask)
    {
        var (connectTime, failure) = await TimeAsync(connect);
        var roundTrips = new List<TimeSpan>(count);
        while (failure is null && roundTrips.Count < count)
        {
            (var roundTrip, failure) = await TimeAsync(ask);
            roundTrips.Add(roundTrip);
        }
        return failure is null ? (new(way, connectTime, roundTrips), null) : (null, failure);
    }

    /// <summary>Writes an object: <c>{"way":"http","connectMs":1.2,"count":5,"minMs":0.3,"medianMs":0.3,"maxMs":0.5}</c></summary>
    public void Write(Utf8JsonWriter json)
    {
        TimeSpan[] sorted = [.. RoundTrips.Order()];
        json.WriteStartObject();
        json.WriteString("way"u8, Way);
        json.WriteNumber("connectMs"u8, Milliseconds(Connect));
        json.WriteNumber("count"u8, sorted.Length);
        json.WriteNumber("minMs"u8, Milliseconds(sorted[0]));
        json.WriteNumber("medianMs"u8, Milliseconds((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2));
        json.WriteNumber("maxMs"u8, Milliseconds(sorted[^1]));
        json.WriteEndObject();
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);

    private static async Task<(TimeSpan Time, Failure? Failure)> TimeAsync(Func<Task<Failure?>> act)
    {
        var begin = Stopwatch.GetTimestamp();
        var failure = await act();
        return (Stopwatch.GetElapsedTime(begin), failure);
    }
}
