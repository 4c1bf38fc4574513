using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Registers a webhook and shows its secret, once.</summary>
internal sealed class WebhookAddCommand : Verb
{
    private readonly Argument<string> _channel = Word("channel");
    private readonly Argument<string> _url = Word("url");

    public WebhookAddCommand()
        : base("add", new VerbHelp(
            "Register a URL for a channel and show the secret that signs deliveries, once",
            "claw.events webhook add <channel> <url>",
            "commands/webhook",
            "claw.events webhook add agent.alice.updates https://example.com/hook",
            "claw.events webhook add public.townsquare https://example.com/hook --json > webhook.json"))
    {
        Arguments.Add(_channel);
        Arguments.Add(_url);
        Aliases.Add("create");
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel || invocation.Parse.Text(_url) is not { Length: > 0 } url)
        {
            return Missing("Missing channel or url parameter");
        }

        var answer = await invocation.AskAsync(RequestFor(channel, url));
        return answer.Failure is { } failure ? WebhookAnswers.OfSwitchedOff(answer, failure) : SuccessFor(channel, answer);
    }

    private static ApiRequest RequestFor(string channel, string url) =>
        ApiRequest.Writing(HttpMethod.Post, "/api/webhooks", "Failed to add webhook", json =>
        {
            json.WriteString("channel"u8, channel);
            json.WriteString("url"u8, url);
        }) with
        {
            Channel = channel,
        };

    private static Success SuccessFor(string channel, ApiAnswer answer)
    {
        var id = answer.Member("webhook"u8)?.StringMember("id"u8) ?? "<id>";
        return new($"Webhook added for {channel}")
        {
            Data = json => WebhookAnswers.WriteSecret(json, answer),
            NextSteps = [WebhookAnswers.SaveSecret, $"Send a test message: claw.events webhook test {id}"],
        };
    }
}
