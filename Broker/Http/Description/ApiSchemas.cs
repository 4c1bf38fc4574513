using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace ClawEvents.Broker.Http.Description;

/// <summary>Bodies and answers in the terms of OpenAPI.</summary>
internal static class ApiSchemas
{
    private static readonly ApiField[] Error = [ApiField.Text("error", "what is wrong, and what to do")];

    public static OpenApiRequestBody Body(IReadOnlyList<ApiField> fields) => new() { Required = true, Content = Json(fields) };

    public static OpenApiResponses Responses(ApiDescription description)
    {
        var responses = new OpenApiResponses();
        foreach (var status in (int?[])[description.Status, description.OtherStatus])
        {
            if (status is { } known)
            {
                Add(responses, known, description.Answer.Count > 0 ? Json(description.Answer) : null);
            }
        }

        int[] ofProof = description.Caller is ApiCaller.Anybody ? [] : [StatusCodes.Status401Unauthorized];
        int[] ofBody = description.Body.Count == 0 ? [] : [StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge];
        foreach (var status in description.Refusals.Union(ofProof).Union(ofBody).Order())
        {
            Add(responses, status, Json(Error));
        }

        return responses;
    }

    private static void Add(OpenApiResponses responses, int status, IDictionary<string, OpenApiMediaType>? content) =>
        responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(status),
            Content = content,
        };

    private static Dictionary<string, OpenApiMediaType> Json(IReadOnlyList<ApiField> fields) => new(StringComparer.Ordinal)
    {
        ["application/json"] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = fields.ToDictionary(field => field.Name, IOpenApiSchema (field) => field.ToSchema(), StringComparer.Ordinal),
                Required = fields.Where(field => !field.IsOptional).Select(field => field.Name).ToHashSet(StringComparer.Ordinal),
            },
        },
    };
}
