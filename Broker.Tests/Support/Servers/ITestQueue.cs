using System.Globalization;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A stand-in for a queue of a cloud: it speaks the service's protocol to the broker's client library, and gives a message out again when its time is over.</summary>
internal interface ITestQueue : IAsyncDisposable
{
    /// <summary>A queue with an order for each key.</summary>
    ConsumerOptions Options { get; }

    /// <summary>The same for a program: options of a section, and variables that the library reads.</summary>
    IEnumerable<(string Name, string Value)> Settings { get; }

    IEnumerable<(string Name, string Value)> Variables => [];

    /// <summary>Messages that are not done.</summary>
    int Waiting { get; }

    /// <summary>How often more time was asked for a message.</summary>
    int Extended { get; }

    /// <summary>Adds a message behind the others of its key.</summary>
    void Publish(string key, string payload, params (string Name, string Value)[] headers);

    /// <summary>Its connections end, and no new ones are served.</summary>
    void Stop();

    /// <summary>After <see cref="Stop"/>, with the same messages.</summary>
    void Continue();
}

internal static class TestQueue
{
    /// <summary>Each key has a channel of its own.</summary>
    public const int Keys = 4;

    public static string ChannelOf(int key) => string.Create(CultureInfo.InvariantCulture, $"chat:{key}");

    /// <summary>Publications of the numbers, over all keys in turn.</summary>
    public static void PublishNumbers(this ITestQueue queue, int first, int count)
    {
        for (var n = first; n < first + count; n++)
        {
            queue.Publish($"key-{n % Keys}", string.Create(CultureInfo.InvariantCulture, $$$"""{"channel":"{{{ChannelOf(n % Keys)}}}","data":{"n":{{{n}}}}}"""), ("centrifugo-method", "publish"));
        }
    }

    public static Task<TimeSpan> IsDoneAsync(this ITestQueue queue, TimeSpan? patience = null) => Eventually.IsTrueAsync(() => Task.FromResult(queue.Waiting == 0), "messages stay in the queue", patience);

    /// <summary>The numbers of a key among the first ones.</summary>
    public static int[] NumbersOf(int key, int count) => [.. Enumerable.Range(0, count).Where(n => n % Keys == key)];
}
