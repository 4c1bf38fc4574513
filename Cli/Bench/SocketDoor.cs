using System.Collections.Concurrent;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Bench;

/// <summary>Publishes as a client does, over one WebSocket.</summary>
internal sealed class SocketDoor(BenchOptions options, string? token) : IBenchDoor
{
    // 1 is the connect.
    private uint _lastId = 1;

    private readonly ConcurrentDictionary<uint, TaskCompletionSource<string?>> _waiting = new();
    private readonly CancellationTokenSource _end = new();
    private MessageSocket? _socket;
    private BenchFailedException? _failure;

    public async Task OpenAsync(CancellationToken stop)
    {
        _socket = await BenchConnection.OpenAsync(options.WebSocket, options.Trust, token, stop);
        _ = ReadAsync();
    }

    public async Task<string?> PublishAsync(ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        var id = Interlocked.Increment(ref _lastId);
        var reply = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = reply;
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw new BenchFailedException(failure.Message, failure);
        }
        try
        {
            await _socket!.SendAsync(Command(id, data.Span), stop);
        }
        catch (Exception exception) when (exception is System.Net.WebSockets.WebSocketException or IOException)
        {
            throw new BenchFailedException($"A connection was lost: {ConnectFault.ReasonOf(exception)}", exception);
        }
        return await reply.Task.WaitAsync(stop);
    }

    public void Dispose()
    {
        _end.Cancel();
        _socket?.Dispose();
        _end.Dispose();
    }

    private byte[] Command(uint id, ReadOnlySpan<byte> data)
    {
        var raw = data.ToArray();
        return JsonText.Object(json =>
        {
            json.WriteNumber("id"u8, id);
            json.WriteStartObject("publish"u8);
            json.WriteString("channel"u8, options.Channel);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(raw, skipInputValidation: true);
            json.WriteEndObject();
        });
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                var lines = await BenchConnection.ReceiveAsync(_socket!, _end.Token);
                if (Complete(lines.Span))
                {
                    await _socket!.SendAsync(ClientCommands.Pong, _end.Token);
                }
            }
        }
        catch (Exception exception) when (exception is BenchFailedException or JsonException)
        {
            Fail(exception as BenchFailedException ?? new("The server's answer is not JSON", exception));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The benchmark is over.
        }
    }

    // Returns whether there was a ping.
    private bool Complete(ReadOnlySpan<byte> lines)
    {
        var pinged = false;
        foreach (var part in lines.Split((byte)'\n'))
        {
            if (lines[part].IsEmpty)
            {
                continue;
            }
            var message = ServerMessageReader.Read(lines[part]);
            pinged |= message.Kind is ServerMessageKind.Ping;
            if (message.Id > 0 && _waiting.TryRemove(message.Id, out var reply))
            {
                reply.SetResult(message.Kind is ServerMessageKind.ErrorReply ? message.Reason ?? $"error {message.Code}" : null);
            }
        }
        return pinged;
    }

    private void Fail(BenchFailedException failure)
    {
        Volatile.Write(ref _failure, failure);
        foreach (var reply in _waiting.Values)
        {
            reply.TrySetException(failure);
        }
    }
}
