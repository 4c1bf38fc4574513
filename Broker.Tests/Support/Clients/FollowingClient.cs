using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A client like those of Centrifugo: it reconnects, subscribes again when it is told to, recovers, and records all publications.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FollowingClient : IAsyncDisposable
{
    private const int FirstCodeToSubscribeAgain = 2500;

    // Another subscribe is under way; its reply counts.
    private const int AlreadySubscribed = 105;

    private readonly Func<Uri> _url;
    private readonly string? _token;
    private readonly Dictionary<string, FollowedChannel> _channels;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, Action<JsonElement?>> _questions = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private ClientWebSocket? _socket;
    private int _lastId;

    /// <param name="url">Returns the node's address before each connection.</param>
    /// <param name="token">Null: anonymous.</param>
    public FollowingClient(Func<Uri> url, string? token, params string[] channels)
    {
        _url = url;
        _token = token;
        _channels = channels.ToDictionary(channel => channel, channel => new FollowedChannel(channel));
        _running = RunAsync();
    }

    public IReadOnlyCollection<FollowedChannel> Channels => _channels.Values;

    /// <summary>The number of lost connections.</summary>
    public int Losses { get; private set; }

    public FollowedChannel this[string channel] => _channels[channel];

    /// <summary>Aborts the transport.</summary>
    public void Cut() => Volatile.Read(ref _socket)?.Abort();

    /// <summary>Waits until it is subscribed to all wanted channels.</summary>
    public Task AwaitSubscribedAsync() => Eventually.IsTrueAsync(
        () => Channels.Where(channel => channel.IsWanted).All(channel => channel.State is FollowingState.Subscribed), "a client is not subscribed");

    /// <summary>From here on it wants the channel, again.</summary>
    public Task SubscribeAsync(string channel)
    {
        this[channel].IsWanted = true;
        return SubscribeAsync(this[channel]);
    }

    /// <summary>From here on it does not want the channel.</summary>
    public async Task UnsubscribeAsync(string channel)
    {
        var followed = this[channel];
        followed.IsWanted = false;
        var isOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync("unsubscribe", $$"""{"channel":"{{channel}}"}""", _ =>
        {
            followed.Lose();
            isOver.TrySetResult();
        });

        // Publications until then count: a later subscribe names the position that is reached by then.
        await isOver.Task.WaitAsync(RunningBroker.Patience);
    }

    /// <summary>Waits until it has read everything that was sent to it before.</summary>
    public Task PingAsync() => Eventually.IsTrueAsync(
        async () =>
        {
            try
            {
                await AskAsync("unsubscribe", """{"channel":"kept:never"}""");
                return true;
            }
            catch (IOException)
            {
                // The connection was lost meanwhile.
                return false;
            }
        },
        "a client stays disconnected");

    /// <summary>Sends a command and returns its whole reply.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public async Task<JsonElement> AskAsync(string method, string parameters)
    {
        var reply = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(method, parameters, answer => _ = answer is { } there ? reply.TrySetResult(there.Clone()) : reply.TrySetException(new IOException("cut")));
        return await reply.Task.WaitAsync(RunningBroker.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _sending.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            using var socket = new ClientWebSocket();
            try
            {
                await socket.ConnectAsync(new UriBuilder(_url()) { Scheme = "ws", Path = "/connection/websocket" }.Uri, _stop.Token);
                await ConverseAsync(socket);
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested
                && (exception is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException))
            {
                // It reconnects. A socket that is aborted during a read reports a cancellation.
            }

            Losses++;
            Volatile.Write(ref _socket, null);
            foreach (var id in _questions.Keys)
            {
                Answer(id, null);
            }

            foreach (var channel in Channels)
            {
                if (channel.State is FollowingState.Subscribed)
                {
                    channel.Lose();
                }
            }

            await Task.Delay(Random.Shared.Next(20, 100), _stop.Token);
        }
    }

    private async Task ConverseAsync(ClientWebSocket socket)
    {
        // Nothing else may be sent before its answer.
        await SendAsync("connect", _token is null ? "{}" : $$"""{"token":"{{_token}}"}""", reply => TakeConnect(socket, reply), socket);
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        while (await socket.ReceiveAsync(buffer.AsMemory(), _stop.Token) is { MessageType: not WebSocketMessageType.Close } part)
        {
            message.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage)
            {
                foreach (var line in Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length).Split('\n'))
                {
                    await TakeAsync(line);
                }

                message.SetLength(0);
            }
        }

        if (socket.CloseStatus is { } status && (int)status is (>= 3500 and < 4000) or (>= 4500 and < 5000))
        {
            Channels.First().AddFault($"closed for good: {(int)status} {socket.CloseStatusDescription}");
        }
    }

    private void TakeConnect(ClientWebSocket socket, JsonElement? reply)
    {
        if (reply is not { } connected)
        {
            return;
        }

        if (connected.TryGetProperty("error", out var error))
        {
            // Temporary, or the broker closes by itself.
            throw new IOException($"not connected: {error}");
        }

        Volatile.Write(ref _socket, socket);
        foreach (var channel in Channels.Where(channel => channel.IsWanted))
        {
            _ = SubscribeAsync(channel);
        }
    }

    private async ValueTask TakeAsync(string line)
    {
        if (line == "{}")
        {
            await TrySendAsync(line, Volatile.Read(ref _socket));
            return;
        }

        using var json = JsonDocument.Parse(line);
        if (json.RootElement.TryGetProperty("push", out var push))
        {
            TakePush(push);
        }
        else
        {
            Answer(json.RootElement.GetProperty("id").GetInt32(), json.RootElement);
        }
    }

    private void Answer(int id, JsonElement? reply)
    {
        if (_questions.TryRemove(id, out var take))
        {
            take(reply);
        }
    }

    private void TakePush(JsonElement push)
    {
        if (!push.TryGetProperty("channel", out var name))
        {
            return;
        }

        var channel = this[name.GetString()!];
        if (push.TryGetProperty("pub", out var publication))
        {
            channel.TakePublication(publication);
        }
        else if (push.TryGetProperty("unsubscribe", out var unsubscribe))
        {
            var comesBack = unsubscribe.GetProperty("code").GetInt32() >= FirstCodeToSubscribeAgain;
            channel.Lose(isRefused: !comesBack);
            if (comesBack)
            {
                _ = SubscribeAsync(channel);
            }
        }
    }

    private Task SubscribeAsync(FollowedChannel channel) => SendAsync("subscribe", channel.SubscribeParameters(), reply =>
    {
        if (reply is not { } answer)
        {
            return;
        }

        if (answer.TryGetProperty("subscribe", out var subscribed))
        {
            channel.TakeReply(subscribed);
        }
        else if (answer.GetProperty("error") is var error && error.TryGetProperty("temporary", out _))
        {
            _ = SubscribeLaterAsync(channel);
        }
        else if (error.GetProperty("code").GetInt32() != AlreadySubscribed)
        {
            channel.Lose(isRefused: true);
        }
    });

    private async Task SubscribeLaterAsync(FollowedChannel channel)
    {
        var socket = Volatile.Read(ref _socket);
        await Task.Delay(Random.Shared.Next(20, 100));
        if (channel is { IsWanted: true, State: FollowingState.Away } && socket == Volatile.Read(ref _socket))
        {
            await SubscribeAsync(channel);
        }
    }

    // A reply is handled where it is read, before later messages; null when the connection was lost before.
    private async Task SendAsync(string method, string parameters, Action<JsonElement?> take, ClientWebSocket? socket = null)
    {
        var id = Interlocked.Increment(ref _lastId);
        _questions[id] = take;
        if (!await TrySendAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{id},\"{method}\":{parameters}}}"), socket ?? Volatile.Read(ref _socket)))
        {
            Answer(id, null);
        }
    }

    private async Task<bool> TrySendAsync(string text, ClientWebSocket? socket)
    {
        if (socket is null)
        {
            return false;
        }

        try
        {
            await _sending.WaitAsync(_stop.Token);
            try
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _stop.Token);
                return true;
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or IOException or OperationCanceledException)
        {
            // The reader notices it, and reconnects.
            return false;
        }
    }
}
