using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Api;

/// <summary><c>/api/webhooks</c>: URLs that get the publications of a channel. docs/reference/http-api.md#webhooks</summary>
internal sealed class WebhooksApi(
    BearerAuthentication authentication,
    WebhookRegistration registration,
    WebhookSender sender,
    WebhookOptions options,
    ChannelPublisher publisher,
    IStateStore store) : IApi
{
    private const string Path = "/api/webhooks";
    private const string SecretHint = "Store this secret securely. It is shown only this once.";

    private static readonly ApiField Webhook = ApiField.Object("webhook");
    private static readonly ApiField Secret = ApiField.Text("secret");
    private static readonly ApiField Hint = ApiField.Text("hint");

    private static readonly ApiError NotFound = new(StatusCodes.Status404NotFound, "webhook not found");

    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (!options.IsOn)
        {
            return;
        }

        endpoints.MapPost(Path, (RequestDelegate)AddAsync).Describe(Describe("Register a webhook", Webhook, Secret, Hint) with
        {
            Body = [ApiField.Channel, ApiField.Text("url", "gets a POST for each publication")],
            Refusals = [StatusCodes.Status403Forbidden],
        });
        endpoints.MapGet(Path, (RequestDelegate)ListAsync).Describe(Describe("List one's own webhooks", ApiField.List("webhooks"), ApiField.Number("count")));
        endpoints.MapGet($"{Path}/{{webhook}}", (RequestDelegate)(context => RunAsync(context, ShowAsync))).Describe(DescribeOne("Show a webhook", Webhook));
        endpoints.MapDelete($"{Path}/{{webhook}}", (RequestDelegate)(context => RunAsync(context, RemoveAsync)))
            .Describe(DescribeOne("Remove a webhook", ApiField.Flag("removed"), ApiField.Text("id")));
        endpoints.MapPost($"{Path}/{{webhook}}/rotate", (RequestDelegate)(context => RunSendingAsync(context, RotateAsync)))
            .Describe(DescribeSending("Give a webhook a new secret", Webhook, Secret, Hint));
        endpoints.MapPost($"{Path}/{{webhook}}/resume", (RequestDelegate)(context => RunSendingAsync(context, ResumeAsync)))
            .Describe(DescribeSending("Resume a webhook that was paused", Webhook));
        endpoints.MapPost($"{Path}/{{webhook}}/test", (RequestDelegate)(context => RunSendingAsync(context, TestAsync)))
            .Describe(DescribeSending("Send a test message, once", ApiField.Flag("delivered"), ApiField.Number("status", "0: no answer"), ApiField.Text("fault").Optional()));
    }

    private static ApiDescription Describe(string summary, params ApiField[] answer) =>
        new("Webhooks", summary) { Caller = ApiCaller.Token, Answer = [ApiField.Ok, .. answer] };

    private static ApiDescription DescribeOne(string summary, params ApiField[] answer) =>
        Describe(summary, answer) with { Refusals = [StatusCodes.Status404NotFound] };

    private static ApiDescription DescribeSending(string summary, params ApiField[] answer) =>
        Describe(summary, answer) with { Refusals = [StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound, StatusCodes.Status429TooManyRequests] };

    private async Task AddAsync(HttpContext context)
    {
        if (await authentication.AuthenticateAsync(context) is not { } caller)
        {
            return;
        }

        using var fields = await RequestFields.ReadAsync(context.Request);
        var (channel, url) = ("", "");
        var isReadable = fields?.TryGetText("channel", out channel) is true && fields.TryGetText("url", out url);
        var fault = !isReadable ? "the body must be a JSON object with the text fields channel and url"
            : channel.Length == 0 || url.Length == 0 ? "channel and url required"
            : null;
        var result = fault is null ? await registration.AddAsync(caller, channel, url) : new(WebhookResult.BadRequest, fault);
        await (result.Webhook is { } webhook ? WebhookJson.WriteSecretAsync(context.Response, webhook, SecretHint) : ErrorOf(result).WriteAsync(context.Response));
    }

    private static ApiError ErrorOf(WebhookRegistered result) =>
        result.Result is WebhookResult.BadRequest ? ApiError.BadRequest(result.Message) : ApiError.Forbidden(result.Message).Because(result.Reason);

    private async Task ListAsync(HttpContext context)
    {
        if (await authentication.AuthenticateAsync(context) is { } caller)
        {
            var webhooks = await store.Webhooks.GetOfOwnerAsync(caller.Name);
            await ApiResponse.WriteListAsync(context.Response, "webhooks", webhooks, WebhookJson.Write, json => json.WriteNumber("count", webhooks.Count));
        }
    }

    // Somebody else's webhook is answered as a missing one: ids are nobody else's business.
    private async Task RunAsync(HttpContext context, Func<HttpContext, Principal, Webhook, Task<bool>> act)
    {
        if (await authentication.AuthenticateAsync(context) is not { } caller)
        {
            return;
        }

        var id = (string)context.Request.RouteValues["webhook"]!;
        var webhook = State.Webhook.IsId(id) ? await store.Webhooks.GetAsync(id) : null;
        if (webhook?.Owner != caller.Name || !await act(context, caller, webhook))
        {
            await NotFound.WriteAsync(context.Response);
        }
    }

    private static async Task<bool> ShowAsync(HttpContext context, Principal caller, Webhook webhook)
    {
        await WebhookJson.WriteAsync(context.Response, webhook);
        return true;
    }

    private async Task<bool> RemoveAsync(HttpContext context, Principal caller, Webhook webhook)
    {
        if (!await store.Webhooks.TryRemoveAsync(webhook.Id, caller.Name))
        {
            return false;
        }

        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean("removed", true);
            json.WriteString("id", webhook.Id);
        });
        return true;
    }

    private async Task<bool> RotateAsync(HttpContext context, Principal caller, Webhook webhook)
    {
        var rotated = webhook with { Secret = WebhookSignature.NewSecret() };
        if (!await store.Webhooks.TrySetSecretAsync(webhook.Id, caller.Name, rotated.Secret))
        {
            return false;
        }

        await WebhookJson.WriteSecretAsync(context.Response, rotated, $"{SecretHint} The old secret signs nothing any more.");
        return true;
    }

    private async Task<bool> ResumeAsync(HttpContext context, Principal caller, Webhook webhook)
    {
        if (await registration.FindRefusalAsync(caller, webhook.Channel) is { } refusal)
        {
            await ErrorOf(refusal).WriteAsync(context.Response);
            return true;
        }

        if (!await store.Webhooks.TryResumeAsync(webhook.Id, caller.Name, caller.Token))
        {
            return false;
        }

        await WebhookJson.WriteAsync(context.Response, webhook with { Progress = webhook.Progress.Resumed() });
        return true;
    }

    // What makes the broker send counts as a publish of the owner, so that nobody has it ask a stranger's server over and over.
    private Task RunSendingAsync(HttpContext context, Func<HttpContext, Principal, Webhook, Task<bool>> act) => RunAsync(context, async (_, caller, webhook) =>
    {
        if (await publisher.FindRateExcessAsync(caller.Name) is not { } excess)
        {
            return await act(context, caller, webhook);
        }

        await ApiError.TooMany(publisher.RateRule, TimeSpan.FromSeconds(excess.RemainingSeconds)).WriteAsync(context.Response);
        return true;
    });

    private async Task<bool> TestAsync(HttpContext context, Principal caller, Webhook webhook)
    {
        var answer = await sender.SendAsync(webhook, WebhookMessage.OfTest(webhook), context.RequestAborted);
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean("delivered", answer.IsDelivered);
            json.WriteNumber("status", answer.Status);
            if (answer.Fault is { } fault)
            {
                json.WriteString("fault", fault);
            }
        });
        return true;
    }
}
