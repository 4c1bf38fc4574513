using System.Text.Json;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>/api/apps</c>: names that publish with a key of their own. docs/reference/http-api.md#apps</summary>
internal sealed partial class AppsApi(
    BearerAuthentication authentication, TokenIssuer tokens, IStateStore store, ConnectionSweeper connections, TimeProvider time) : IApi
{
    /// <summary>The maximum number of apps of one principal: each is stored for good.</summary>
    public const int MaxAppsOfOwner = 100;

    private static readonly ApiField App = ApiField.Object("app");
    private static readonly ApiField Key = ApiField.Text("key");
    private static readonly ApiField Hint = ApiField.Text("hint");

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/apps", (RequestDelegate)CreateAsync).Describe(Describe("Create an app", App, Key, Hint) with
        {
            Body = [ApiField.Text("name", "3 to 32 letters, digits or underscores")],
            Refusals = [StatusCodes.Status409Conflict],
        });
        endpoints.MapGet("/api/apps", (RequestDelegate)ListAsync).Describe(Describe("List one's own apps", ApiField.List("apps"), ApiField.Number("count")));
        endpoints.MapGet("/api/apps/{app}", (RequestDelegate)(context => RunAsync(context, "view this app", WriteAppAsync)))
            .Describe(DescribeOne("Show an app", App));
        endpoints.MapPost("/api/apps/{app}/rotate", (RequestDelegate)(context => RunAsync(context, "rotate this app's key", RotateAsync)))
            .Describe(DescribeOne("Give an app a new key", App, Key, Hint));
        endpoints.MapDelete("/api/apps/{app}", (RequestDelegate)(context => RunAsync(context, "delete this app", DeleteAsync)))
            .Describe(DescribeOne("Delete an app", ApiField.Flag("deleted"), ApiField.Text("appName")));
    }

    private static ApiDescription Describe(string summary, params ApiField[] answer) =>
        new("Apps", summary) { Caller = ApiCaller.Token, Answer = [ApiField.Ok, .. answer] };

    private static ApiDescription DescribeOne(string summary, params ApiField[] answer) =>
        Describe(summary, answer) with { Refusals = [StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound] };

    private async Task CreateAsync(HttpContext context)
    {
        if (await authentication.AuthenticateAsync(context) is not { } caller)
        {
            return;
        }

        using var fields = await RequestFields.ReadAsync(context.Request);
        var name = "";
        var fault = fields?.TryGetText("name", out name) is not true ? "the body must be a JSON object with a text field name"
            : name.Length == 0 ? "app name required"
            : !Form().IsMatch(name) ? "invalid app name. must be 3-32 alphanumeric characters or underscores, no dots"
            : (await store.GetAppsAsync(caller.Name)).Count >= MaxAppsOfOwner ? $"too many apps (max {MaxAppsOfOwner} per owner): delete another one first"
            : null;
        if (fault is not null)
        {
            await ApiError.BadRequest(fault).WriteAsync(context.Response);
            return;
        }

        var app = new AppRecord(name, caller.Name, time.GetUtcNow().ToUnixTimeMilliseconds());
        var key = tokens.IssueAppKey(name);
        if (await store.TryCreateAppAsync(app, TokenIssuer.HashOf(key)))
        {
            await WriteKeyAsync(context.Response, app, key, "Store this key securely. It is shown only this once.");
        }
        else
        {
            await new ApiError(StatusCodes.Status409Conflict, "app name already exists").WriteAsync(context.Response);
        }
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await authentication.AuthenticateAsync(context) is { } caller)
        {
            var apps = await store.GetAppsAsync(caller.Name);
            await ApiResponse.WriteListAsync(context.Response, "apps", apps, Write, json => json.WriteNumber("count", apps.Count));
        }
    }

    // Shared by the three endpoints on one app. An app that is deleted between check and action is answered as a missing one.
    private async Task RunAsync(HttpContext context, string what, Func<HttpResponse, AppRecord, Task<bool>> act)
    {
        if (await authentication.AuthenticateAsync(context) is not { } caller)
        {
            return;
        }

        var app = await store.GetAppAsync((string)context.Request.RouteValues["app"]!);
        if (app is not null && app.Owner != caller.Name)
        {
            await ApiError.Forbidden($"not authorized to {what}").WriteAsync(context.Response);
        }
        else if (app is null || !await act(context.Response, app))
        {
            await new ApiError(StatusCodes.Status404NotFound, "app not found").WriteAsync(context.Response);
        }
    }

    private static async Task<bool> WriteAppAsync(HttpResponse response, AppRecord app)
    {
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WritePropertyName("app");
            Write(json, app);
        });
        return true;
    }

    private async Task<bool> RotateAsync(HttpResponse response, AppRecord app)
    {
        var key = tokens.IssueAppKey(app.Name);
        if (!await store.TrySetAppKeyAsync(app.Name, app.Owner, TokenIssuer.HashOf(key)))
        {
            return false;
        }

        await connections.SweepAsync($"{Principal.AppPrefix}{app.Name}");
        await WriteKeyAsync(response, app, key, "Store this key securely. The old key has been revoked.");
        return true;
    }

    private async Task<bool> DeleteAsync(HttpResponse response, AppRecord app)
    {
        if (!await store.TryDeleteAppAsync(app.Name, app.Owner))
        {
            return false;
        }

        await connections.SweepAsync($"{Principal.AppPrefix}{app.Name}");
        await RemoveWebhooksAsync($"{Principal.AppPrefix}{app.Name}");
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean("deleted", true);
            json.WriteString("appName", app.Name);
        });
        return true;
    }

    // Another owner may take the name, and must not see where the app's messages went.
    private async Task RemoveWebhooksAsync(string owner)
    {
        foreach (var webhook in await store.Webhooks.GetOfOwnerAsync(owner))
        {
            await store.Webhooks.TryRemoveAsync(webhook.Id, owner);
        }
    }

    private static Task WriteKeyAsync(HttpResponse response, AppRecord app, string key, string hint) =>
        ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WritePropertyName("app");
            Write(json, app);
            json.WriteString("key", key);
            json.WriteString("hint", hint);
        });

    private static void Write(Utf8JsonWriter json, AppRecord app)
    {
        json.WriteStartObject();
        json.WriteString("name", app.Name);
        json.WriteNumber("createdAt", app.CreatedAt);
        json.WriteString("owner", app.Owner);
        json.WriteEndObject();
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_]{3,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
