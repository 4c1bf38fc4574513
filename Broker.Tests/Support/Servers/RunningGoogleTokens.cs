using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Where a service account of Google gets its tokens.</summary>
internal sealed class RunningGoogleTokens : RunningFarServer
{
    public static async Task<RunningGoogleTokens> StartAsync()
    {
        var server = new RunningGoogleTokens();
        await server.StartApplicationAsync();
        return server;
    }

    /// <summary>Makes the file with the key of an account that gets its tokens here.</summary>
    public string MakeKey(TemporaryFolder folder)
    {
        using var key = RSA.Create(2048);
        var file = Path.Combine(folder.Path, "account.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account",
            ["project_id"] = "shop",
            ["private_key_id"] = "1",
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = "reader@shop.iam.gserviceaccount.com",
            ["client_id"] = "1",
            ["token_uri"] = new Uri(Origin, "/token").ToString(),
        }));
        return file;
    }

    protected override Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"access_token":"of the account","token_type":"Bearer","expires_in":3600}""");
    }
}
