// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <attar/train/progress.hpp>

namespace attar::progress_test {
namespace {

using namespace attar;

constexpr ProgressState half{
    .label = "student", .done = 400, .total = 800, .epochs = 8, .loss = 0.21301, .accuracy = 0.92414, .seconds = 4.0};
constexpr ProgressState whole{
    .label = "student", .done = 800, .total = 800, .epochs = 8, .loss = 0.1, .accuracy = 1.0, .seconds = 3723.0};

TEST(ProgressText, SaysHowFarAndHowLong) {
  EXPECT_EQ(progress_text(half), "student 5/8, loss 0.2130, accuracy 92.41 %, 100 images/s, 0:04 left");
  EXPECT_EQ(progress_text(whole), "student 8/8, loss 0.1000, accuracy 100.00 %, 0 images/s, in 1:02:03");
}

TEST(ProgressText, OfOtherWorkHasNoAccuracy) {
  ProgressState state = half;
  state.accuracy = std::numeric_limits<double>::quiet_NaN();
  state.unit = "steps";
  EXPECT_EQ(progress_text(state), "student 5/8, loss 0.2130, 100 steps/s, 0:04 left");
  EXPECT_EQ(progress_bar(state, 50, false), "student 5/8  loss 0.2130  100 steps/s  0:04 left");
}

TEST(ProgressText, HasNoTimeLeftBeforeTheFirstImage) {
  ProgressState state = half;
  state.done = 0;
  EXPECT_NE(progress_text(state).find("? left"), std::string::npos);
}

TEST(ProgressText, CountsOnlyThisRunForTheSpeed) {
  ProgressState state = half;
  state.resumed_at = 200;
  EXPECT_EQ(progress_text(state), "student 5/8, loss 0.2130, accuracy 92.41 %, 50 images/s, 0:08 left");
}

TEST(ProgressBar, FillsTheLine) {
  EXPECT_EQ(progress_bar(half, 90, false),
            "student 5/8 [==========          ]  loss 0.2130  accuracy 92.41 %  100 images/s  0:04 left");
}

TEST(ProgressBar, IsFullAtTheEnd) {
  const std::string bar = progress_bar(whole, 200, false);
  EXPECT_NE(bar.find("[" + std::string(40, '=') + "]"), std::string::npos);
}

TEST(ProgressBar, FitsIntoAnyTerminal) {
  for (int columns = 0; columns <= 250; ++columns) {
    for (const ProgressState& state : {half, whole}) {
      EXPECT_LE(progress_bar(state, columns, false).size(), static_cast<std::size_t>(columns));
    }
  }
}

TEST(ProgressBar, LeavesOutTheLessImportant) {
  EXPECT_EQ(progress_bar(half, 68, false), "student 5/8  loss 0.2130  accuracy 92.41 %  100 images/s  0:04 left");
  EXPECT_EQ(progress_bar(half, 54, false), "student 5/8  loss 0.2130  accuracy 92.41 %  0:04 left");
  EXPECT_EQ(progress_bar(half, 40, false), "student 5/8  loss 0.2130  0:04 left");
  EXPECT_EQ(progress_bar(half, 30, false), "student 5/8  0:04 left");
  EXPECT_EQ(progress_bar(half, 20, false), "student 5/8");
  EXPECT_EQ(progress_bar(half, 4, false), "stud");
}

TEST(ProgressBar, ColorsTakeNoRoom) {
  std::string colored = progress_bar(half, 90, true);
  for (const std::string code : {"\x1b[32m", "\x1b[0m"}) {
    const std::size_t at = colored.find(code);
    ASSERT_NE(at, std::string::npos);
    colored.erase(at, code.size());
  }
  EXPECT_EQ(colored, progress_bar(half, 90, false));
}

TEST(Progress, DrawsOneLineOnATerminal) {
  std::ostringstream out;
  {
    Progress progress{
        "teacher", 20, 2, {.out = &out, .terminal = true, .color = false, .columns = 60, .redraw_after = {}}};
    progress.update(10, 0.5, 0.25);
    progress.update(10, 0.25, 0.75);
    progress.finish();
    progress.finish();
  }
  const std::string text = out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(std::ranges::count(text, '\r'), 3);
  EXPECT_NE(text.find("teacher 2/2"), std::string::npos);
  EXPECT_NE(text.find("accuracy 75.00 %"), std::string::npos);
}

TEST(Progress, WritesPlainLinesElsewhere) {
  std::ostringstream out;
  {
    Progress progress{"teacher", 20, 2, {.out = &out, .terminal = false, .line_after = {}}};
    progress.update(10, 0.5, 0.25);
    progress.finish();
  }
  const std::string text = out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_EQ(text.find_first_of("\r\x1b"), std::string::npos);
}

TEST(Progress, IsQuietBetweenLines) {
  std::ostringstream out;
  Progress progress{"teacher", 20, 2, {.out = &out, .terminal = false, .line_after = std::chrono::hours{1}}};
  for (int i = 0; i < 20; ++i) progress.update(1, 0.5, 0.25);
  EXPECT_EQ(out.str(), "");
  progress.finish();
  EXPECT_NE(out.str().find("in 0:00"), std::string::npos);
}

// An error ends the run: its message must not stand behind the bar.
TEST(Progress, LeavesTheLineWhenARunBreaksOff) {
  std::ostringstream out;
  {
    Progress progress{"teacher", 20, 2, {.out = &out, .terminal = true, .columns = 60, .redraw_after = {}}};
    progress.update(10, 0.5, 0.25);
  }
  EXPECT_EQ(out.str().back(), '\n');
}

TEST(Progress, GoesOnAfterAnEarlierRun) {
  std::ostringstream out;
  Progress progress{"teacher", 20, 2, {.out = &out, .terminal = false, .line_after = {}}};
  progress.resume(10);
  progress.update(1, 0.5, 0.25);
  EXPECT_NE(out.str().find("teacher 2/2"), std::string::npos);
}

}  // namespace
}  // namespace attar::progress_test
