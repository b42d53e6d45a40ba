#include "models/vocabulary/ids.h"
#include "models/vocabulary/jsonreader.h"
#include "models/wire/messages.h"

using namespace Qt::StringLiterals;

namespace photolift::wire {

namespace {

QJsonObject toJson(const PhotoSum &sum)
{
    return {{u"photos"_s, sum.photos}, {u"bytes"_s, sum.bytes}};
}

Result<PhotoSum> photoSumFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    PhotoSum sum;
    sum.photos = reader.requiredInteger("photos"_L1);
    sum.bytes = reader.requiredInteger("bytes"_L1);
    return reader.finish(sum);
}

QJsonObject toJson(const ProjectStanding &project)
{
    return {{u"project_id"_s, idText(project.projectId)},
            {u"name"_s, project.name},
            {u"owner"_s, project.owner},
            {u"state"_s, project.state},
            {u"is_active"_s, project.isActive},
            {u"batches"_s, project.batches},
            {u"uncounted"_s, project.uncounted},
            {u"expected"_s, toJson(project.expected)},
            {u"arrived"_s, toJson(project.arrived)},
            {u"missing"_s, toJson(project.missing)}};
}

Result<ProjectStanding> projectStandingFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    ProjectStanding project;
    project.projectId = reader.requiredId("project_id"_L1);
    project.name = reader.text("name"_L1);
    project.owner = reader.text("owner"_L1);
    project.state = reader.requiredText("state"_L1);
    reader.check("state"_L1, isProjectState(project.state));
    project.isActive = reader.requiredFlag("is_active"_L1);
    project.batches = reader.requiredInteger("batches"_L1);
    project.uncounted = reader.requiredInteger("uncounted"_L1);
    project.expected = reader.nested(photoSumFromJson(reader.object("expected"_L1)));
    project.arrived = reader.nested(photoSumFromJson(reader.object("arrived"_L1)));
    project.missing = reader.nested(photoSumFromJson(reader.object("missing"_L1)));
    return reader.finish(project);
}

} // namespace

bool isProjectState(QStringView state)
{
    return state == u"open" || state == u"complete" || state == u"delivered";
}

QJsonObject toJson(const ProjectsAnswer &answer)
{
    QJsonArray projects;
    for (const ProjectStanding &project : answer.projects)
        projects.append(toJson(project));
    return {{u"projects"_s, projects},
            {u"is_cut"_s, !answer.next.isEmpty()},
            {u"next"_s, answer.next.isEmpty() ? QJsonValue() : QJsonValue(answer.next)}};
}

Result<ProjectsAnswer> projectsAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    ProjectsAnswer answer;
    answer.projects = reader.listOf("projects"_L1, projectStandingFromJson);
    answer.next = reader.text("next"_L1);
    reader.check("is_cut"_L1, reader.requiredFlag("is_cut"_L1) == !answer.next.isEmpty());
    return reader.finish(answer);
}

} // namespace photolift::wire
