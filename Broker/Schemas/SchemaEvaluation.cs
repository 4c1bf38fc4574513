using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>One validation: its errors, the path to the current value, and its remaining cost limit. Used by one thread.</summary>
internal sealed class SchemaEvaluation
{
    /// <summary>Cost of one visit of a subschema. A byte of a text costs 1.</summary>
    private const int VisitCost = 16;

    private readonly List<SchemaError> _errors = [];
    private readonly List<(JsonProperty Property, int? Index)> _path = [];
    private int _cost;
    private int _depth;
    private string? _stop;

    /// <summary>Set while only a yes or no is needed: the first failure ends the check.</summary>
    private bool _isTrial;
    private bool _trialFailed;

    /// <summary>Whether the result is known already.</summary>
    public bool IsOver => _stop is not null || (_isTrial ? _trialFailed : _errors.Count >= SchemaLimits.MaxErrors);

    public IReadOnlyList<SchemaError> Errors => _stop is null ? _errors : [new SchemaError("", _stop)];

    public void Check(SchemaNode node, JsonElement value)
    {
        if (IsOver || !SpendOn(VisitCost))
        {
            return;
        }

        if (++_depth > SchemaLimits.MaxEvaluationDepth)
        {
            _stop ??= $"The advertised schema cannot be used: subschemas are nested deeper than {SchemaLimits.MaxEvaluationDepth} during validation, or a $ref leads back to itself";
        }

        for (var i = 0; i < node.Rules.Count && !IsOver; i++)
        {
            node.Rules[i].Check(value, this);
        }

        _depth--;
    }

    public void CheckItem(SchemaNode node, JsonElement item, int index)
    {
        _path.Add((default, index));
        Check(node, item);
        _path.RemoveAt(_path.Count - 1);
    }

    public void CheckProperty(SchemaNode node, JsonProperty property)
    {
        _path.Add((property, null));
        Check(node, property.Value);
        _path.RemoveAt(_path.Count - 1);
    }

    /// <summary>Whether the value matches; reports no errors.</summary>
    public bool Fits(SchemaNode node, JsonElement value)
    {
        var (wasTrial, hadFailed) = (_isTrial, _trialFailed);
        (_isTrial, _trialFailed) = (true, false);
        Check(node, value);
        var fits = !_trialFailed;
        (_isTrial, _trialFailed) = (wasTrial, hadFailed);
        return fits;
    }

    public void Fail(string message)
    {
        if (_isTrial)
        {
            _trialFailed = true;
        }
        else if (!IsOver)
        {
            _errors.Add(new SchemaError(SchemaLimits.Shorten(PathText()), SchemaLimits.Shorten(message)));
        }
    }

    /// <summary>Pays for visits of subschemas, or for what costs as much.</summary>
    /// <inheritdoc cref="SpendOn"/>
    public bool Spend(int visits) => SpendOn(visits * VisitCost);

    /// <summary>Pays for a text or number of this length.</summary>
    /// <returns>False if not enough is left, which ends the validation.</returns>
    public bool SpendOn(int bytes)
    {
        _cost += bytes;
        if (_cost > SchemaLimits.MaxCost * VisitCost)
        {
            _stop ??= "The advertised schema is too expensive for this payload";
        }

        return _stop is null;
    }

    private string PathText()
    {
        var text = new StringBuilder();
        foreach (var (property, index) in _path)
        {
            if (index is { } number)
            {
                text.Append('[').Append(number).Append(']');
            }
            else
            {
                text.Append(text.Length > 0 ? "." : "").Append(property.Name);
            }
        }

        return text.ToString();
    }
}
