using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A message as a receiver of webhooks got it.</summary>
internal sealed record ReceivedMessage(string Id, string Timestamp, string Signature, string Body)
{
    public JsonElement Json => JsonElement.Parse(Body);

    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>Verifies the signature as a receiver does: not by the broker's own code.</summary>
    public bool IsSignedWith(string secret) => Signature == "v1," + Convert.ToBase64String(
        HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Body}")));
}

/// <summary>A receiver of webhooks on the loopback address: it keeps what it accepts.</summary>
internal sealed class RunningReceiver : RunningFarServer
{
    private readonly ConcurrentQueue<ReceivedMessage> _accepted = new();
    private readonly ConcurrentQueue<ReceivedMessage> _asked = new();
    private TaskCompletionSource _open = Opened();
    private int _running;
    private int _mostRunning;

    /// <summary>The status of its answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>A header of its answers; null: none.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>Messages that were answered with a status of 2xx.</summary>
    public IReadOnlyList<ReceivedMessage> Accepted => [.. _accepted];

    /// <summary>All attempts.</summary>
    public IReadOnlyList<ReceivedMessage> Asked => [.. _asked];

    /// <summary>The <c>n</c> of the publications that it has accepted: <c>{"n":N}</c>.</summary>
    public IReadOnlyList<int> Numbers => [.. Accepted.Where(message => message.Type is "publication").Select(message => message.Json.GetProperty("data").GetProperty("n").GetInt32())];

    /// <summary>The most requests that it had at the same time.</summary>
    public int MostRunning => Volatile.Read(ref _mostRunning);

    public string Url => new Uri(Origin, "/hook").ToString();

    public static async Task<RunningReceiver> StartAsync()
    {
        var receiver = new RunningReceiver();
        await receiver.StartApplicationAsync();
        return receiver;
    }

    /// <summary>Leaves requests without an answer from here on.</summary>
    public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _open.TrySetResult();

    protected override async Task AnswerAsync(HttpContext context)
    {
        var running = Interlocked.Increment(ref _running);
        _mostRunning = Math.Max(_mostRunning, running);
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        var message = new ReceivedMessage(headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), await reader.ReadToEndAsync());
        _asked.Enqueue(message);
        try
        {
            await _open.Task.WaitAsync(context.RequestAborted);
            if (RetryAfter is { } wait)
            {
                context.Response.Headers.RetryAfter = wait;
            }

            context.Response.StatusCode = Status;
            if (Status is >= 200 and < 300)
            {
                _accepted.Enqueue(message);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
