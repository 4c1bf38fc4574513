using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClawEvents.Broker.Configuration;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Queues of AWS SQS in memory, by the protocol of the service (JSON over HTTP), and the part of STS that gives out credentials of a role.</summary>
internal sealed class RunningSqs : RunningFarServer, ITestQueue
{
    public const string Region = "eu-central-1";

    private const string Target = "X-Amz-Target";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly LeasedQueue _queue = new();
    private volatile bool _isAway;

    private RunningSqs()
    {
        // Where a test has no profile, the library would otherwise ask the machine of the cloud.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "own");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "hush");
    }

    public string Url => new Uri(Origin, "/123456789012/commands.fifo").ToString();

    public ConsumerOptions Options => new SqsOptions("orders", [Url]) { Region = Region, Endpoint = Origin.ToString(), Form = new() { Method = "centrifugo-method" } };

    public IEnumerable<(string Name, string Value)> Settings =>
        [("type", "aws_sqs"), ("queues", Url), ("region", Region), ("localstack_endpoint", Origin.ToString()), ("visibility_timeout", "1s"), ("wait_time_time", "1s")];

    public IEnumerable<(string Name, string Value)> Variables => [("AWS_ACCESS_KEY_ID", "own"), ("AWS_SECRET_ACCESS_KEY", "hush")];

    public int Waiting => _queue.Waiting;

    public int Extended => _queue.Extended;

    public static async Task<RunningSqs> StartAsync()
    {
        var server = new RunningSqs();
        await server.StartApplicationAsync();
        return server;
    }

    public void Publish(string key, string payload, params (string Name, string Value)[] headers) => _queue.Publish(key, payload, headers);

    public void Stop() => _isAway = true;

    public void Continue() => _isAway = false;

    protected override async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        if (_isAway)
        {
            context.Abort();
            return;
        }

        var target = context.Request.Headers[Target].ToString();
        await context.Response.WriteAsync(target.Length == 0 ? AssumeRole(body) : (await AnswerAsync(target.Split('.')[1], JsonNode.Parse(body)!, context.RequestAborted)).ToJsonString());
    }

    private async Task<JsonNode> AnswerAsync(string action, JsonNode request, CancellationToken gone) => action switch
    {
        "ReceiveMessage" => new JsonObject { ["Messages"] = await ReceiveAsync(request, gone) },
        "DeleteMessageBatch" => Each(request, (entry) => _queue.Settle(Receipt(entry))),
        "ChangeMessageVisibilityBatch" => Each(request, (entry) => _queue.Extend(Receipt(entry), Seconds(entry, "VisibilityTimeout"))),
        _ => throw new NotSupportedException(action),
    };

    private async Task<JsonNode?> ReceiveAsync(JsonNode request, CancellationToken gone)
    {
        Assert.That((string?)request["QueueUrl"], Is.EqualTo(Url));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone);
        end.CancelAfter(Seconds(request, "WaitTimeSeconds"));
        while (true)
        {
            var taken = _queue.Take((int)request["MaxNumberOfMessages"]!, Seconds(request, "VisibilityTimeout"), _ => false);
            if (taken.Count > 0 || end.IsCancellationRequested || _isAway)
            {
                return taken.Count == 0 ? null : new JsonArray([.. taken.Select(Of)]);
            }

            await Task.Delay(PollInterval, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static JsonObject Of(LeasedMessage message) => new()
    {
        ["MessageId"] = message.Id,
        ["ReceiptHandle"] = message.Receipt,
        ["Body"] = message.Payload,
        ["MD5OfBody"] = Md5(message.Payload),
        ["Attributes"] = message.Key.Length > 0 ? new JsonObject { ["MessageGroupId"] = message.Key } : null,
        ["MessageAttributes"] = new JsonObject(message.Headers.Select(header =>
            KeyValuePair.Create(header.Key, (JsonNode?)new JsonObject { ["DataType"] = "String", ["StringValue"] = header.Value }))),
    };

    private static JsonObject Each(JsonNode request, Predicate<JsonNode> change)
    {
        var (done, failed) = (new JsonArray(), new JsonArray());
        foreach (var entry in request["Entries"]!.AsArray())
        {
            var id = (string)entry!["Id"]!;
            if (change(entry))
            {
                done.Add((JsonNode)new JsonObject { ["Id"] = id });
            }
            else
            {
                failed.Add((JsonNode)new JsonObject { ["Id"] = id, ["Code"] = "ReceiptHandleIsInvalid", ["Message"] = "The receipt handle has expired", ["SenderFault"] = true });
            }
        }

        return new() { ["Successful"] = done, ["Failed"] = failed };
    }

    private static string Receipt(JsonNode entry) => (string)entry["ReceiptHandle"]!;

    private static TimeSpan Seconds(JsonNode node, string name) => TimeSpan.FromSeconds((int?)node[name] ?? 0);

#pragma warning disable CA5351 // The protocol wants it.
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    private static string AssumeRole(string form)
    {
        Assert.That(form, Does.Contain("Action=AssumeRole").And.Contain(Uri.EscapeDataString("arn:aws:iam::123456789012:role/reader")));
        return $"""
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
            <AccessKeyId>assumed</AccessKeyId><SecretAccessKey>hush</SecretAccessKey><SessionToken>hush</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1):O}</Expiration>
            </Credentials></AssumeRoleResult></AssumeRoleResponse>
            """;
    }
}
